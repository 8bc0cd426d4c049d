import { createMemoryFs, type Fs } from "@ballast/system";
import { expect, it } from "vitest";
import { attemptOfB } from "./slots.fixture.ts";
import { openTrialFile, type TrialRecord } from "./trial-file.ts";

const PATH = "/var/lib/ballast/trial.json";
const RECORD: TrialRecord = {
  attempts: [attemptOfB()],
  last_failure: null,
  seen_kernel_logs: ["1"],
};

function counting(fs: Fs): { fs: Fs; writes: () => number } {
  let writes = 0;
  const writeDurable: Fs["writeDurable"] = async (...file) => {
    writes += 1;
    await fs.writeDurable(...file);
  };
  return { fs: { ...fs, writeDurable }, writes: () => writes };
}

it("the record comes back after a restart, and is written only when it changes", async () => {
  const { fs, writes } = counting(createMemoryFs());
  const file = await openTrialFile(fs);
  await file.set(file.get());
  expect(writes()).toBe(0);
  await file.set(RECORD);
  await file.set(structuredClone(RECORD));
  expect(writes()).toBe(1);
  const again = await openTrialFile(fs);
  expect(again.get()).toEqual(RECORD);
  await again.set(RECORD);
  expect(writes()).toBe(1);
});

it.each([
  "",
  "{",
  '{"attempts": []}',
  '{"attempts": [{}], "last_failure": null}',
  "x".repeat(600_000),
])("a record that cannot be read begins anew: %#", async (text) => {
  const file = await openTrialFile(createMemoryFs({ [PATH]: text }));
  expect(file.get()).toEqual({ attempts: [], last_failure: null, seen_kernel_logs: [] });
});
