import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLog } from "@ballast/service";
import { createMemoryClock } from "@ballast/system";
import { afterEach, describe, expect, it } from "vitest";
import { IMAGE_NAMES, type ImageName } from "../machine/partitions.ts";
import { BLOCK_BYTES, blocks, testRelease, type TestRelease } from "../release.fixture.ts";
import { startRepository, type TestRepository } from "../repository.fixture.ts";
import { openPartition } from "../transfer/partition.ts";
import { readTable, signpostOn, writeTable, type TestTable } from "./signpost.fixture.ts";
import { writeSlot } from "./write-slot.ts";

const PARTITION_BYTES = 200 * BLOCK_BYTES;
const IMAGES = { root: blocks("root", 150), boot: blocks("boot", 10) };
const BEFORE: TestTable = {
  flags: {
    A: { priority: 2, triesLeft: 7, successful: true },
    B: { priority: 1, triesLeft: 7, successful: true },
  },
  rootHashes: { A: "a".repeat(64), B: "b".repeat(64) },
};
const CLEARED = { priority: 0, triesLeft: 0, successful: false };

let repository: TestRepository;
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

interface Circumstances {
  readonly running?: TestRelease;
  readonly signal?: AbortSignal;
  readonly before?: (command: string) => Promise<void>;
}

const file = (name: string) => join(repository.folder, name);

async function write(test: TestRelease, circumstances: Circumstances = {}) {
  const { running, signal = new AbortController().signal, before } = circumstances;
  repository = await startRepository([test, ...(running === undefined ? [] : [running])]);
  await writeTable(file("table"), BEFORE);
  for (const name of IMAGE_NAMES) {
    await writeFile(file(name), "");
    await truncate(file(name), PARTITION_BYTES);
  }
  const place = (name: ImageName) => ({ path: file(name), sizeBytes: PARTITION_BYTES });
  const places = { root: place("root"), hash: place("hash"), boot: place("boot") };
  await using snapshot = await repository.refresh();
  return await writeSlot(
    {
      exec: signpostOn(file("table"), before),
      log: createLog({ write: () => undefined, journal: false }),
      clock: createMemoryClock(),
      signal,
    },
    {
      ...{ snapshot, release: test.release, destinations: places, open: openPartition },
      // Nothing is where it is said to be.
      running: running === undefined ? undefined : { release: running.release, places },
      maxBytesPerSecond: undefined,
      onProgress: () => undefined,
    },
  );
}

describe("writeSlot()", () => {
  it("gives up the slot first, and makes it valid last", async () => {
    const commands: string[] = [];
    await write(testRelease("1.0.0", IMAGES), {
      before: async (command) => {
        commands.push(command);
      },
    });
    expect(commands).toEqual(["clear-inactive", "set-slot-uuids", "mark-inactive-valid"]);
    expect((await readTable(file("table"))).flags.B).toEqual({
      priority: 0,
      triesLeft: 2,
      successful: false,
    });
  });

  it("reads no index without bounds, and leaves the fallback as it is", async () => {
    const test = testRelease("1.0.0", IMAGES);
    const { chunks } = test.release.images.boot;
    const huge = Buffer.from(`{"schema":1,"chunks":[${" ".repeat(9 * 1024 * 1024)}]}`);
    const targets = new Map([...test.targets, [chunks, huge]]);
    await expect(write({ ...test, targets })).rejects.toMatchObject({ code: "tuf.too-long" });
    expect(await readTable(file("table"))).toEqual(BEFORE);
  });

  it("believes no index that does not make the image", async () => {
    const test = testRelease("1.0.0", IMAGES);
    const { boot, root } = test.release.images;
    const other = test.targets.get(root.chunks) ?? Buffer.alloc(0);
    const targets = new Map([...test.targets, [boot.chunks, other]]);
    await expect(write({ ...test, targets })).rejects.toMatchObject({
      code: "updates.bad-chunk-index",
    });
    expect(await readTable(file("table"))).toEqual(BEFORE);
  });

  it("makes no slot valid whose hash tree is another's", async () => {
    const test = testRelease("1.0.0", IMAGES, { root_hash: "d".repeat(64) });
    await expect(write(test)).rejects.toMatchObject({
      code: "update-agent.incomplete",
      details: { reason: "update-agent.wrong-root-hash" },
      hint: expect.stringContaining("The running slot boots as before"),
    });
    expect((await readTable(file("table"))).flags).toEqual({ ...BEFORE.flags, B: CLEARED });
  });

  it("changes nothing when the slot cannot be given up", async () => {
    const isRefused = write(testRelease("1.0.0", IMAGES), {
      before: async (command) => {
        if (command === "clear-inactive") throw new Error("there is no signpost");
      },
    });
    await expect(isRefused).rejects.toMatchObject({
      code: "update-agent.incomplete",
      details: { reason: "update-agent.no-slots" },
    });
    expect(await readTable(file("table"))).toEqual(BEFORE);
  });

  it("fetches all when the index of what runs is gone", async () => {
    const running = testRelease("0.9.0", { root: IMAGES.root, boot: blocks("old boot", 10) });
    const targets = new Map(running.targets);
    targets.delete(running.release.images.root.chunks);
    const test = testRelease("1.0.0", IMAGES);
    const report = await write(test, { running: { ...running, targets } });
    expect(report.copiedBytes).toBe(0);
    const root = await readFile(file("root"));
    expect(root.subarray(0, IMAGES.root.length).equals(IMAGES.root)).toBe(true);
  });

  it("stops before the slot is given up when it is told so", async () => {
    const signal = AbortSignal.abort(new Error("told to stop"));
    await expect(write(testRelease("1.0.0", IMAGES), { signal })).rejects.toThrow("told to stop");
    expect(await readTable(file("table"))).toEqual(BEFORE);
  });
});
