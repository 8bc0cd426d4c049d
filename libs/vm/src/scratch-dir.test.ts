import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeScratchDir } from "./scratch-dir.ts";

it("makeScratchDir() removes the directory on disposal", () => {
  let path: string;
  {
    using scratch = makeScratchDir();
    path = scratch.path;
    writeFileSync(join(path, "file"), "x");
  }
  expect(existsSync(path)).toBe(false);
});

it("makeScratchDir() sweeps what a dead process left and nothing of a living one", () => {
  using living = makeScratchDir();
  // Same process id, other start time: the id was reused.
  const abandoned = join(tmpdir(), `ballast-vm-${process.pid}-1-00000000`);
  mkdirSync(abandoned);
  using other = makeScratchDir();
  expect(other.path).not.toBe(living.path);
  expect(existsSync(abandoned)).toBe(false);
  expect(existsSync(living.path)).toBe(true);
});

it.runIf(process.getuid?.() === 0)("makeScratchDir() leaves what another user left", () => {
  const foreign = join(tmpdir(), `ballast-vm-${process.pid}-2-00000000`);
  mkdirSync(foreign);
  try {
    chownSync(foreign, 65_534, 65_534);
    using scratch = makeScratchDir();
    expect(existsSync(scratch.path)).toBe(true);
    expect(existsSync(foreign)).toBe(true);
  } finally {
    rmSync(foreign, { recursive: true });
  }
});
