import * as fs from "node:fs";
import { createServer } from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiclient, run } from "./test-process.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "apiclient-reset-"));
const socket = path.join(folder, "api.sock");
const env = { BALLAST_SOCKET: socket };
const MAIN = path.join(import.meta.dirname, "main.ts");

/** Method, path and body of each request. */
let seen: string[] = [];
const server = createServer((request, response) => {
  void text(request).then((body) => {
    seen.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ data: body.includes("true"), rebooting: true }));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
beforeEach(() => {
  seen = [];
});
afterAll(() => {
  server.close();
  fs.rmSync(folder, { recursive: true });
});

describe("reset", () => {
  it("asks nothing with --yes", async () => {
    expect(await apiclient(["reset", "--yes"], { env })).toEqual({
      status: 0,
      stdout: "The machine restarts now, and STATE is made anew\n",
      stderr: "",
    });
    const { stdout } = await apiclient(["reset", "--data", "--yes", "--json"], { env });
    expect(JSON.parse(stdout)).toEqual({ data: true, rebooting: true });
    expect(seen).toEqual([
      'POST /actions/reset {"data":false}',
      'POST /actions/reset {"data":true}',
    ]);
  });

  it("refuses without --yes where there is no terminal, whatever standard input says", async () => {
    const args = ["--wait", process.execPath, MAIN, "reset", "--socket", socket];
    const refused = await run("setsid", args, process.env, "reset\n");
    expect(refused).toMatchObject({ status: 64, stdout: "" });
    expect(refused.stderr).toContain("there is no terminal to ask on");
    expect(refused.stderr).toContain("--yes");
    expect(seen).toEqual([]);
  });

  it.each([
    ["reset\n", 0, 1],
    ["yes\n", 1, 0],
    ["\n", 1, 0],
    ["\u0004", 1, 0],
  ])("on a terminal takes %j as an answer", async (answer, status, calls) => {
    const command = `${process.execPath} ${MAIN} reset --data --socket ${socket}`;
    const log = path.join(folder, "terminal.log");
    const ended = await run("script", ["-qec", command, log], process.env, answer);
    expect(ended.stdout).toContain("loses all settings, their history, containers");
    expect([ended.status, seen.length]).toEqual([status, calls]);
    expect(ended.stdout.includes("nothing was reset")).toBe(calls === 0);
  });
});
