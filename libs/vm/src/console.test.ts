import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanLine, SerialConsole } from "./console.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "console-test-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** A stream stands in for the socket: the console uses nothing but its data. */
function wire(console: SerialConsole): Duplex {
  const stream = new Duplex({ read: () => undefined });
  console.attach(stream);
  return stream;
}

describe("SerialConsole", () => {
  it("joins lines that arrive in pieces, also within a character", async () => {
    const console = new SerialConsole({ file: join(dir, "log") });
    const stream = wire(console);
    const bytes = Buffer.from("Grüße aus\r\ndem Gast\r\n");
    stream.push(bytes.subarray(0, 3));
    stream.push(bytes.subarray(3));
    await console.waitFor(/^dem Gast$/, { timeoutMs: 1000 });
    expect(console.lines.map(({ text }) => text)).toEqual(["Grüße aus", "dem Gast"]);
  });

  it("writes time-stamped lines to the file and keeps a prompt without an end of line", async () => {
    const console = new SerialConsole({ file: join(dir, "log") });
    const stream = wire(console);
    stream.push("one\nlogin: ");
    await console.waitFor(/one/, { timeoutMs: 1000 });
    await console.end(new Error("ended"));
    expect(readFileSync(join(dir, "log"), "utf8")).toMatch(
      /^\[ +\d+\.\d{3}\] one\n\[ +\d+\.\d{3}\] login:\n$/,
    );
    await expect(console.waitFor(/never/, { timeoutMs: 1000 })).rejects.toThrow("ended");
  });
});

describe("cleanLine()", () => {
  it("removes what firmware and systemd send to set the terminal up", () => {
    expect(cleanLine("\u001b[=3h\u001b[0m\u001b[!p\u001b(BBdsDxe: starting\tBoot0001")).toBe(
      "BdsDxe: starting\tBoot0001",
    );
  });

  it("removes colours, cursor movement and carriage returns", () => {
    expect(cleanLine("\u001b[2J\u001b[01;01H[\u001b[0;32m  OK  \u001b[0m] Started\r")).toBe(
      "[  OK  ] Started",
    );
  });
});
