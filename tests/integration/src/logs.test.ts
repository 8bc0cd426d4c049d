import { readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

function lastJournalctl(machine: Machine): number {
  return Number(machine.read("journalctl.log").trim().split("\n").at(-1)?.split(" ", 1)[0]);
}

/** Opens a stream, waits for its head, and hands it over unread. */
function open(machine: Machine, path: string) {
  return new Promise<{
    status: number;
    destroy: () => void;
    onData: (take: (text: string) => void) => void;
  }>((resolve, reject) => {
    const call = request({ socketPath: machine.socket, path, agent: false }, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        destroy: () => {
          call.destroy();
        },
        onData: (take) =>
          response.on("data", (chunk: Buffer) => {
            take(chunk.toString());
          }),
      });
    });
    call.on("error", reject);
    call.end();
  });
}

describe("GET /logs", () => {
  it("gives journalctl's lines and passes the choice on", async () => {
    await using machine = await startMachine();
    const reply = await machine.call("GET", "/logs?unit=a@b.service&lines=5&boot=-1&priority=err");
    expect(reply.headers["content-type"]).toBe("application/x-ndjson");
    expect(JSON.parse(reply.text)).toEqual({
      MESSAGE: "--output=json --no-pager --lines=5 --boot=-1 --unit=a@b.service --priority=err",
    });
  });

  it.each([
    "unit=a%20b",
    "unit=a/b",
    "unit=",
    "lines=x",
    "lines=-1",
    "boot=x",
    "priority=9",
    "follow=1",
  ])("refuses %s", async (query) => {
    await using machine = await startMachine();
    expect((await machine.call("GET", `/logs?${query}`)).status).toBe(400);
    expect(machine.has("journalctl.log")).toBe(false);
  });

  it("lets the name of a unit be no option", async () => {
    await using machine = await startMachine();
    const reply = await machine.call("GET", "/logs?unit=--file");
    expect(reply.text).toContain("--unit=--file");
  });

  it("follows until the client goes, and ends journalctl with it", async () => {
    await using machine = await startMachine();
    const stream = await open(machine, "/logs?follow=true");
    let seen = "";
    stream.onData((chunk) => {
      seen += chunk;
    });
    await machine.until(() => seen.includes("tick"));
    const processId = lastJournalctl(machine);
    expect(isAlive(processId)).toBe(true);
    stream.destroy();
    await machine.until(() => !isAlive(processId));
  });

  it("sends its head at once when there is nothing to say yet", async () => {
    await using machine = await startMachine();
    const before = performance.now();
    const stream = await open(machine, "/logs?follow=true&unit=silent.service");
    expect(stream.status).toBe(200);
    expect(performance.now() - before).toBeLessThan(3000);
    stream.destroy();
  });

  it("reads no faster than the client", async () => {
    await using machine = await startMachine();
    const stream = await open(machine, "/logs?unit=flood.service");
    await delay(1000);
    const processId = lastJournalctl(machine);
    const ioOf = (): string => machineIo(processId);
    const before = ioOf();
    await delay(500);
    // `yes` is blocked in its write: nothing was written meanwhile.
    expect(ioOf()).toBe(before);
    stream.destroy();
    await machine.until(() => !isAlive(processId));
  });

  it("says why when the journal cannot be read", async () => {
    await using machine = await startMachine();
    const reply = await machine.call("GET", "/logs?unit=broken.service");
    expect(reply.status).toBe(500);
    expect(reply.text).toContain("No journal files were found.");
  });

  it("bounds the number of streams", async () => {
    await using machine = await startMachine();
    const streams = await Promise.all(
      Array.from({ length: 8 }, () => open(machine, "/logs?follow=true")),
    );
    expect((await machine.call("GET", "/logs")).status).toBe(503);
    for (const stream of streams) stream.destroy();
    await machine.until(async () => (await machine.call("GET", "/logs")).status === 200);
  });
});

/** Bytes that a process has written so far, by the kernel's account. */
function machineIo(processId: number): string {
  return /wchar: \d+/.exec(readFileSync(`/proc/${processId}/io`, "utf8"))?.[0] ?? "";
}
