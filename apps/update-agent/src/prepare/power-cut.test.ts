import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nextOf } from "@ballast/gpt";
import { createNodeExec } from "@ballast/system";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BLOCK_BYTES, blocks, testRelease } from "../release.fixture.ts";
import { startRepository, type TestRepository } from "../repository.fixture.ts";
import { IMAGE_NAMES, type ImageName } from "../machine/partitions.ts";
import type { PowerCut } from "./power-cut.fixture.ts";
import { readTable, writeTable } from "./signpost.fixture.ts";

const PROGRAM = join(import.meta.dirname, "power-cut.fixture.ts");
const PARTITION_BYTES = 700 * BLOCK_BYTES;
const OLD = testRelease("1.0.0", { root: blocks("old", 600), boot: blocks("boot", 20) });
/** Half of it is in what runs. */
const NEW = testRelease("1.1.0", {
  root: Buffer.concat([blocks("new", 300), OLD.images.root.subarray(300 * BLOCK_BYTES)]),
  boot: blocks("new boot", 20),
});
const GOOD = { priority: 2, triesLeft: 7, successful: true };
const FALLBACK = { priority: 1, triesLeft: 7, successful: true };

let repository: TestRepository;
beforeEach(async () => {
  repository = await startRepository([OLD, NEW]);
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

const file = (name: string) => join(repository.folder, name);
const places = (slot: string) => {
  const place = (name: ImageName) => ({
    path: file(`${slot}-${name}`),
    sizeBytes: PARTITION_BYTES,
  });
  return { root: place("root"), hash: place("hash"), boot: place("boot") };
};

/** Slot A runs 1.0.0; B has something older that would boot. */
async function machine(): Promise<void> {
  for (const name of IMAGE_NAMES) {
    await writeFile(file(`a-${name}`), OLD.images[name]);
    await truncate(file(`a-${name}`), PARTITION_BYTES);
    await writeFile(file(`b-${name}`), blocks("older", 700));
  }
  await writeTable(file("table"), {
    flags: { A: GOOD, B: FALLBACK },
    rootHashes: { A: OLD.release.root_hash, B: "b".repeat(64) },
  });
}

/** Steps of the run, or undefined if it was killed. */
async function prepare(killAt: number): Promise<number | undefined> {
  const plan: PowerCut = {
    url: repository.url.href,
    trustedRoot: repository.trustedRoot,
    folder: repository.folder,
    table: file("table"),
    version: "1.1.0",
    destinations: places("b"),
    ownVersion: "1.0.0",
    own: places("a"),
    killAt,
  };
  await writeFile(file("plan"), JSON.stringify(plan));
  try {
    const run = await createNodeExec().run({
      file: process.execPath,
      args: [PROGRAM, file("plan")],
    });
    if (run.exitCode !== 0) throw new Error(run.stderr);
    return Number(run.stdout);
  } catch (error) {
    if (error instanceof Error && error.cause === "ended by SIGKILL") return undefined;
    throw error;
  }
}

async function isWritten(): Promise<boolean> {
  for (const name of IMAGE_NAMES) {
    const bytes = await readFile(file(`b-${name}`));
    const image = NEW.images[name];
    if (!bytes.subarray(0, image.length).equals(image)) return false;
  }
  return true;
}

/** What boots is always whole, and what is not whole is not called by the name of the release. */
async function expectSafe(): Promise<void> {
  const { flags, rootHashes } = await readTable(file("table"));
  expect(nextOf(flags)).toBe("A");
  expect(flags.A).toEqual(GOOD);
  const isOld = rootHashes.B === "b".repeat(64);
  const mayBoot = flags.B.priority > 0 || flags.B.successful || flags.B.triesLeft > 0;
  expect(isOld || !mayBoot || (await isWritten())).toBe(true);
  expect(rootHashes.B !== NEW.release.root_hash || (await isWritten())).toBe(true);
}

async function expectStaged(): Promise<void> {
  const { flags, rootHashes } = await readTable(file("table"));
  expect(flags).toEqual({ A: GOOD, B: { priority: 0, triesLeft: 2, successful: false } });
  expect(rootHashes.B).toBe(NEW.release.root_hash);
  expect(await isWritten()).toBe(true);
}

describe("writeSlot() and the power", { timeout: 180_000 }, () => {
  it("may lose it before every single step, and goes on afterwards", async () => {
    await machine();
    const steps = await prepare(0);
    await expectStaged();
    expect(steps).toBeGreaterThan(15);
    for (let killAt = 1; killAt <= (steps ?? 0); killAt++) {
      await machine();
      expect(await prepare(killAt)).toBeUndefined();
      await expectSafe();
      if (killAt % 4 === 0) {
        // Once more, a little later: a machine with a bad supply.
        await prepare(killAt + 2);
        await expectSafe();
      }
      expect(await prepare(0)).toBeGreaterThan(0);
      await expectStaged();
    }
  });
});
