import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkloadStatus } from "@ballast/model";
import { expect, it, onTestFinished } from "vitest";
import { openStateFile } from "./state-file.ts";

const ENDED: WorkloadStatus = {
  ...{ name: "once", kind: "workload", state: "ended", since: null, restarts: 0, exit_code: 3 },
  ...{ health: "none", health_reason: null, image: "a.io/web:1", digest: null, reason: null },
  ...{ next_try: null, cgroup: null },
};

async function stateIn(text?: string) {
  const folder = await mkdtemp(join(tmpdir(), "ballast-state-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "containers/state.json");
  const state = await openStateFile(path);
  await state.write([]);
  if (text !== undefined) await writeFile(path, text);
  return { path, state: await openStateFile(path) };
}

it("tells the next manager what workloads ended with", async () => {
  const { path, state } = await stateIn();
  const host = { ...ENDED, name: "admin", kind: "host" } as const;
  await state.write([ENDED, host, { ...ENDED, name: "web", exit_code: null }]);
  expect(JSON.parse(await readFile(path, "utf8"))).toHaveLength(3);
  expect((await openStateFile(path)).exitCodes).toEqual(new Map([["once", 3]]));
});

it.each(["", "[{", "{}", "null", "[null, 1, {}]", '[{"name": "x", "kind": "workload"}]'])(
  "begins with nothing when the file holds %s",
  async (text) => {
    expect((await stateIn(text)).state.exitCodes.size).toBe(0);
  },
);
