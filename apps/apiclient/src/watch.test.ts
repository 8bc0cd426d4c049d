// The program is tested as a process, as people run it.
// oxlint-disable-next-line no-restricted-imports
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient } from "./test-process.ts";

const api = playedApi();

const READY = 'event: ready\ndata: {"etag":"e","health":{"status":"healthy"}}\n\n';

/** `apiclient watch` on a server that does with each connection what `play` says. */
async function watch(play: (response: ServerResponse, count: number) => void) {
  const socket = join(api.folder, `watch-${Math.random()}.sock`);
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    play(response, count);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [main, "watch", "--socket", socket]);
  onTestFinished(() => {
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, ended, text: () => text };
}

const WAIT = { timeout: 15_000 };

describe("watch", () => {
  it("connects again when the machine ends it or the connection breaks, until it is stopped", async () => {
    const { child, ended, text } = await watch((response, count) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(READY);
      if (count === 1) response.end();
      if (count === 2) setTimeout(() => response.destroy(), 100);
    });
    await expect.poll(() => text().split("ready: healthy").length, WAIT).toBe(4);
    expect(text()).toContain("The machine has ended its events: connecting again");
    expect(text()).toContain("The machine is not reached: connecting again");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  }, 30_000);

  it("ends when the machine says no, also later", async () => {
    const { ended, text } = await watch((response, count) => {
      response.writeHead(count === 1 ? 200 : 403, { "content-type": "application/problem+json" });
      response.end(count === 1 ? READY : '{"detail":"The certificate has ended"}');
    });
    expect(await ended).toBe(77);
    expect(text()).toContain("apiclient: The certificate has ended");
  }, 30_000);

  it("does not wait for a machine that is not there", async () => {
    const ended = await apiclient(["watch", "--socket", join(api.folder, "none")]);
    expect(ended.status).toBe(69);
  });
});
