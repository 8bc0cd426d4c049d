import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@ballast/service";
import { createMemoryClock, createNodeExec } from "@ballast/system";
import { describe, expect, it, onTestFinished } from "vitest";
import { createConsoleWriter } from "./console-writer.ts";

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "ballast-console-"));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

describe("createConsoleWriter()", () => {
  it("appends to the device", async () => {
    const path = join(directory(), "console");
    writeFileSync(path, "a\n");
    const log = createLog({ write: () => undefined, journal: false });
    await createConsoleWriter(path, log, createMemoryClock())("b\n");
    expect(readFileSync(path, "utf8")).toBe("a\nb\n");
  });

  it("is content without a console", async () => {
    const log = createLog({ write: () => undefined, journal: false });
    const write = createConsoleWriter(join(directory(), "none"), log, createMemoryClock());
    await expect(write("b\n")).resolves.toBeUndefined();
  });

  it("gives up on one that takes nothing, without blocking", async () => {
    const path = join(directory(), "fifo");
    await createNodeExec().run({ file: "/usr/bin/mkfifo", args: [path] });
    // A reader that never reads: the pipe takes 64 KiB and then no more.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const lines: string[] = [];
    const log = createLog({ write: (line) => lines.push(line), journal: false });
    await createConsoleWriter(path, log, createMemoryClock())("x".repeat(200_000));
    closeSync(reader);
    expect(lines.join("")).toMatch(/Console is stuck, text dropped bytes=\d+/);
  });
});
