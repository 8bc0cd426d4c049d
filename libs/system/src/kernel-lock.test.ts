// A process that ends by a signal; the Exec port tells that as a failure.
// oxlint-disable-next-line no-restricted-imports
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeKernelLock } from "./kernel-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-lock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("is held by one at a time, and leaves one empty file", () => {
  const path = join(folder, "lock");
  {
    using first = takeKernelLock(path, 0);
    expect(first).toBeDefined();
    expect(takeKernelLock(path, 0)).toBeUndefined();
  }
  using next = takeKernelLock(path, 0);
  expect(next).toBeDefined();
  expect(readdirSync(folder)).toEqual(["lock"]);
});

it("ends with the process that was killed", () => {
  const path = join(folder, "lock");
  const module = JSON.stringify(join(import.meta.dirname, "kernel-lock.ts"));
  const script = `import(${module}).then((m) => { globalThis.held = m.takeKernelLock(${JSON.stringify(path)}, 0); process.kill(process.pid, "SIGKILL"); })`;
  expect(spawnSync(process.execPath, ["-e", script]).signal).toBe("SIGKILL");
  using lock = takeKernelLock(path, 0);
  expect(lock).toBeDefined();
});

it("tells when the file cannot be", () => {
  expect(() => takeKernelLock(join(folder, "absent/lock"), 0)).toThrow("unable to open");
});
