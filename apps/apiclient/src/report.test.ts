import * as fs from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient } from "./test-process.ts";

const api = playedApi();
const { env, folder } = api;

const check = (id: string, status: string) => ({
  id,
  title: `About ${id}`,
  level: 1,
  mode: status === "SKIP" ? "manual" : "automatic",
  status,
  evidence: `It is \u001b[31m${id}.`,
});
const cis = (status: string) => ({
  benchmark: "b",
  level: 1,
  status,
  counts: { PASS: 1, FAIL: 0, SKIP: 1, ERROR: 0 },
  checks: [check("1.1", status), check("1.20", "SKIP")],
});

describe("report", () => {
  it.each([
    [["report"], "what to do must be one of list, cis, logs"],
    [["report", "fips"], '"fips" must be one of'],
    [["report", "cis", "x"], 'unexpected argument "x"'],
    [["report", "cis", "--level", "3"], "--level must be 1 or 2"],
    [["report", "list", "--level", "1"], "--level is for cis"],
    [["report", "cis", "-o", "x"], "--output and --force are for logs"],
    [["report", "list", "--force"], "--output and --force are for logs"],
    [["report", "logs", "-o", ""], "--output must be"],
  ])("%j is refused", (args, reason) => {
    expect(() => parseCommand(args)).toThrow(reason);
  });

  it("lists what there is", async () => {
    const list = [{ name: "cis", path: "/report/cis", about: "Checks." }];
    api.replies = { "GET /report": { status: 200, body: list } };
    expect((await apiclient(["report", "list"], { env })).stdout).toBe("cis   Checks.\n");
    expect(JSON.parse((await apiclient(["report", "list", "--json"], { env })).stdout)).toEqual(
      list,
    );
  });

  it.each([
    ["PASS", 0],
    ["FAIL", 1],
    ["ERROR", 1],
  ])("cis with %s ends with %i", async (status, code) => {
    api.replies = { "GET /report/cis": { status: 200, body: cis(status) } };
    const ended = await apiclient(["report", "cis", "-l", "2"], { env });
    expect([ended.status, ended.stderr]).toEqual([code, ""]);
    expect(api.lines()).toEqual(["GET /report/cis?level=2"]);
    expect(ended.stdout).toContain(
      `${status.padEnd(5)}  1.1   About 1.1\n             It is \\x1b[31m1.1.\n`,
    );
    expect(ended.stdout).toContain("SKIP   1.20  About 1.20 (manual)\n");
    const json = await apiclient(["report", "cis", "--json"], { env });
    expect([json.status, JSON.parse(json.stdout)]).toEqual([code, cis(status)]);
  });
});

describe("report logs", () => {
  const socket = path.join(folder, "logs.sock");
  const file = path.join(folder, "out.tar.gz");
  const logs = (...args: string[]) =>
    apiclient(["report", "logs", "-o", file, ...args], { env: { BALLAST_SOCKET: socket } });
  let answer: (response: ServerResponse) => void;
  let server: Server;
  beforeAll(async () => {
    server = createServer((_, response) => {
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    fs.rmSync(file, { force: true });
    answer = (response) => {
      response.writeHead(200, { "content-type": "application/gzip" });
      response.write(Buffer.from([31, 139, 0, 255]));
      setTimeout(() => response.end(Buffer.alloc(2000, 7)), 1200);
    };
  });
  const left = (): string[] => fs.readdirSync(folder).filter((name) => name.startsWith("out."));

  it("writes the archive as it comes, for its owner alone, and tells how far it is", async () => {
    const { status, stdout, stderr } = await logs();
    expect([status, stderr]).toEqual([0, "apiclient: 2 KiB collected\n"]);
    expect(stdout).toContain(`Wrote ${file} (2 KiB)`);
    const bytes = fs.readFileSync(file);
    expect([...bytes.subarray(0, 5)]).toEqual([31, 139, 0, 255, 7]);
    expect([bytes.length, fs.statSync(file).mode & 0o777]).toEqual([2004, 0o600]);
    expect(left()).toEqual(["out.tar.gz"]);
  });

  it("replaces a file only when told, and asks nothing before", async () => {
    fs.writeFileSync(file, "precious");
    let calls = 0;
    const former = answer;
    answer = (response) => {
      calls += 1;
      former(response);
    };
    const refused = await logs();
    expect([refused.status, calls, fs.readFileSync(file, "utf8")]).toEqual([1, 0, "precious"]);
    expect(refused.stderr).toContain("--force");
    const forced = await logs("--force", "--json");
    expect(JSON.parse(forced.stdout)).toEqual({ file, bytes: 2004 });
    expect(fs.statSync(file).size).toBe(2004);
  });

  it("does not replace a file that came meanwhile", async () => {
    const former = answer;
    answer = (response) => {
      fs.writeFileSync(file, "precious");
      former(response);
    };
    const { status } = await logs();
    expect([status, fs.readFileSync(file, "utf8"), left()]).toEqual([
      1,
      "precious",
      ["out.tar.gz"],
    ]);
  });

  it("leaves nothing of an archive that is cut off, refused or cannot be written", async () => {
    answer = (response) => {
      response.writeHead(200);
      response.write("x".repeat(1000));
      setTimeout(() => response.destroy(), 50);
    };
    const cut = await logs();
    expect([cut.status, left()]).toEqual([69, []]);
    answer = (response) => {
      response.writeHead(403, { "content-type": "application/problem+json" });
      response.end('{"type":"urn:ballast:error:apiserver.forbidden","detail":"needs role admin"}');
    };
    const refused = await logs();
    expect([refused.status, left()]).toEqual([77, []]);
    expect(refused.stderr).toContain("needs role admin");
    const nowhere = await apiclient(["report", "logs", "-o", path.join(folder, "no/x")], {
      env: { BALLAST_SOCKET: socket },
    });
    expect([nowhere.status, nowhere.stderr]).toEqual([1, expect.stringContaining("Cannot write")]);
  });
});
