import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeScratchDir, runTool } from "@ballast/vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replayWrites, survivors } from "./replay-writes.ts";
import { readWriteLog, type LoggedRequest } from "./write-log.ts";

/** Lets QEMU's own block layer write a disk of 1 MiB through blklogwrites. */
async function record(dir: string, commands: readonly string[]): Promise<void> {
  writeFileSync(join(dir, "disk"), Buffer.alloc(1 << 20));
  writeFileSync(join(dir, "log"), "");
  await runTool("qemu-io", [
    ...commands.flatMap((command) => ["-c", command]),
    "--image-opts",
    `driver=blklogwrites,file.driver=file,file.filename=${join(dir, "disk")},log.driver=file,log.filename=${join(dir, "log")}`,
  ]);
}

describe("readWriteLog()", () => {
  it("lists the requests of a log made by QEMU", async () => {
    using scratch = makeScratchDir();
    await record(scratch.path, [
      "write -P 0x11 0 4096",
      "flush",
      "write -P 0x22 4096 8192",
      "discard 0 4096",
      "write -P 0x33 65536 512",
    ]);
    const { requests } = await readWriteLog(join(scratch.path, "log"));
    expect(requests.slice(0, 4)).toMatchObject([
      { offsetBytes: 0, lengthBytes: 4096, isFlush: false },
      { lengthBytes: 0, isFlush: true },
      { offsetBytes: 4096, lengthBytes: 8192 },
      { offsetBytes: 0, lengthBytes: 4096, isDiscard: true },
    ]);
    expect(requests.filter(({ lengthBytes }) => lengthBytes > 0)).toHaveLength(4);
  });

  it.each([
    ["empty", Buffer.alloc(0), /it ends at byte 0/],
    ["of other bytes", Buffer.alloc(4096, 1), /superblock is not one of dm-log-writes/],
  ])("refuses a file that is %s", async (_name, content, message) => {
    using scratch = makeScratchDir();
    const file = join(scratch.path, "log");
    writeFileSync(file, content);
    await expect(readWriteLog(file)).rejects.toThrow(message);
  });

  it("refuses a log that was cut off", async () => {
    using scratch = makeScratchDir();
    const file = join(scratch.path, "log");
    await record(scratch.path, ["write -P 1 0 512"]);
    writeFileSync(file, readFileSync(file).subarray(0, 600));
    await expect(readWriteLog(file)).rejects.toThrow(/within a record/);
  });
});

describe("replayWrites()", () => {
  it("rebuilds the disk from nothing, and each earlier state from a prefix", async () => {
    using scratch = makeScratchDir();
    await record(scratch.path, [
      "write -P 0x11 0 8192",
      "write -z 4096 512",
      "write -P 0x22 2048 4096",
    ]);
    const log = await readWriteLog(join(scratch.path, "log"));
    const copy = join(scratch.path, "copy");
    writeFileSync(copy, Buffer.alloc(1 << 20));
    await replayWrites(log, survivors(log.requests, 1), copy);
    expect(readFileSync(copy).subarray(0, 8193)).toEqual(
      Buffer.concat([Buffer.alloc(8192, 0x11), Buffer.alloc(1)]),
    );
    await replayWrites(log, log.requests, copy);
    expect(readFileSync(copy).equals(readFileSync(join(scratch.path, "disk")))).toBe(true);
  });
});

describe("survivors()", () => {
  const request = fc.record({
    offsetBytes: fc.constant(0),
    lengthBytes: fc.constant(512),
    isFlush: fc.boolean(),
    isFua: fc.boolean(),
    isDiscard: fc.constant(false),
    dataBytesAt: fc.nat(),
  });

  it("never loses what was flushed, whatever the disk drops", () => {
    fc.assert(
      fc.property(
        fc.array(request),
        fc.nat({ max: 40 }),
        fc.func(fc.boolean()),
        (all, count, kept) => {
          const alive = survivors(all, count, kept);
          const done: readonly LoggedRequest[] = all.slice(0, count);
          const flushed = done.slice(0, done.findLastIndex(({ isFlush }) => isFlush) + 1);
          expect(alive.slice(0, flushed.length)).toEqual(flushed);
          expect(done.filter(({ isFua }) => isFua).every((fua) => alive.includes(fua))).toBe(true);
          expect(alive.every((one) => done.includes(one))).toBe(true);
        },
      ),
    );
  });
});
