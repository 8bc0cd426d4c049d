import { createServer, type Server } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { probeHttp } from "./probe-http.ts";
import { probeTcp } from "./probe-tcp.ts";

const HOST = "127.0.0.1";

/** Answers each connection with these bytes, and leaves it open. */
async function serve(answer: string): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write(answer));
    onTestFinished(() => {
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function ask(port: number, timeoutMs = 2000, signal?: AbortSignal): Promise<number> {
  return probeHttp(new URL(`http://${HOST}:${port}/ready`), { timeoutMs, signal });
}

it("tells the status as soon as it is there, of an answer without end too", async () => {
  const head = "HTTP/1.1 503 No\r\nContent-Length: 1000000\r\n\r\n";
  expect(await ask(await serve(head))).toBe(503);
  expect(await ask(await serve("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"))).toBe(302);
});

it.each(["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"])(
  "does not wait longer than it may for the rest of %j",
  async (answer) => {
    await expect(ask(await serve(answer), 200)).rejects.toThrow("no answer in 0.2 s");
  },
);

it("refuses what is no HTTP, and headers without end", async () => {
  await expect(ask(await serve("SSH-2.0-x\r\n"))).rejects.toThrow("Parse Error");
  const endless = `HTTP/1.1 200 OK\r\n${"X: yyyyyyyyyyyyyyyy\r\n".repeat(4000)}`;
  await expect(ask(await serve(endless))).rejects.toThrow("Header");
});

it("ends when it is told to", async () => {
  const controller = new AbortController();
  const asking = ask(await serve(""), 60_000, controller.signal);
  controller.abort();
  await expect(asking).rejects.toThrow("abort");
});

it("connects, and needs no more", async () => {
  await probeTcp(HOST, await serve(""), { timeoutMs: 2000 });
  await expect(probeTcp(HOST, 1, { timeoutMs: 2000 })).rejects.toThrow("ECONNREFUSED");
  const signal = AbortSignal.abort();
  await expect(probeTcp(HOST, 1, { timeoutMs: 2000, signal })).rejects.toThrow("abort");
});
