import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sweepLeftovers } from "./sweep-leftovers.ts";

const HOUR_MS = 3_600_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-sweep-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function leave(name: string, ageMs: number): Promise<void> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, "file"), "");
  const atSeconds = (Date.now() - ageMs) / 1000;
  await utimes(path, atSeconds, atSeconds);
}

it("removes old work folders and leaves young ones and results alone", async () => {
  await leave(".fetching-old", 25 * HOUR_MS);
  await leave(".fetching-young", 23 * HOUR_MS);
  await leave(".building-old", 25 * HOUR_MS);
  await leave("result", 1000 * HOUR_MS);
  await sweepLeftovers(folder, ".fetching-");
  expect(await readdir(folder)).toEqual([".building-old", ".fetching-young", "result"]);
});

it("lets two builds sweep at the same time", async () => {
  for (let index = 0; index < 20; index++) await leave(`.fetching-${index}`, 25 * HOUR_MS);
  await Promise.all([sweepLeftovers(folder, ".fetching-"), sweepLeftovers(folder, ".fetching-")]);
  expect(await readdir(folder)).toEqual([]);
});
