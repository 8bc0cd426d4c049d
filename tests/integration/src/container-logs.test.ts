import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

const AT = "2026-11-24T12:00:00.5Z";
const LOG = "var/log/containers/web/0.log";

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
  const image = "registry.example.org/web:1";
  const source = "registry.example.org/admin:1";
  await machine.set({
    containers: { web: { image }, twin: { image } },
    "host-containers": { admin: { source }, twin: { source } },
  });
});
afterAll(() => machine[Symbol.asyncDispose]());

function print(text: string): void {
  mkdirSync(dirname(join(machine.root, LOG)), { recursive: true });
  appendFileSync(join(machine.root, LOG), text);
}

describe("GET /containers/logs", () => {
  it.each([
    ["name=web%2F..", 400],
    ["name=..", 400],
    ["name=host/../../etc", 400],
    ["name=Web", 400],
    ["", 400],
    ["name=web&since=soon", 400],
    ["name=web&since=2026-99-99T00:00Z", 400],
    ["name=web&lines=all", 400],
    ["name=nothing", 404],
    ["name=workload/admin", 404],
    ["name=twin", 409],
    ["name=web", 200],
    ["name=workload/twin", 200],
  ])("%s is answered %i", async (query, status) => {
    expect((await machine.call("GET", `/containers/logs?${query}`)).status).toBe(status);
  });

  it("asks the journal for what it holds of a host container", async () => {
    const query = "name=host/twin&lines=7&since=2026-01-31T12:00:00Z";
    const reply = await machine.call("GET", `/containers/logs?${query}`);
    expect(reply.headers["content-type"]).toBe("application/x-ndjson");
    expect(JSON.parse(reply.text)).toEqual({
      time: null,
      stream: "stdout",
      text: "--output=json --output-fields=MESSAGE,PRIORITY --all --no-pager --lines=7 --since=@1769860800.000 SYSLOG_IDENTIFIER=host-twin",
    });
  });
});

describe("apiclient logs NAME", () => {
  it("prints what a container prints, and goes on until there is no such container", async () => {
    print(`${AT} stdout F one\n${AT} stderr F two\n${AT} stdout P thr\n${AT} stdout F ee\n`);
    expect(await machine.client(["logs", "web", "-n", "2", "-t"])).toMatchObject({
      exitCode: 0,
      stdout: `${AT} three`,
      stderr: `${AT} two`,
    });
    const client = machine.client(["logs", "workload/web", "--follow"]);
    let seen = "";
    client.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await machine.until(() => seen.includes("three"));
    renameSync(join(machine.root, LOG), join(machine.root, `${LOG}.1`));
    print(`${AT} stdout F four\n`);
    await machine.until(() => seen.includes("four"));
    expect(seen).toBe("one\nthree\nfour\n");
    machine.remove(dirname(LOG));
    expect((await machine.set({ containers: { web: null } })).status).toBe(200);
    expect((await client).exitCode).toBe(0);
  });
});
