import { join } from "node:path";
import { ensureCredentials, hashFile, makeScratchDir, mustMatchManifest } from "@ballast/vm";
import type { TestProject } from "vitest/node";
import { findProductImage } from "./product-image.ts";

/** vitest's global set-up of a run of VM cases: a directory that all share and that ends with the run. */
export async function setup(project: TestProject): Promise<() => void> {
  const { disk } = findProductImage();
  await mustMatchManifest(disk, await hashFile(disk));
  const shared = makeScratchDir();
  // Before cases run beside each other: two must not make them at once.
  // And also for guests whose clock is ten years ahead.
  await ensureCredentials(join(shared.path, "credentials"), { days: 4000 });
  project.provide("sharedDirectory", shared.path);
  return () => {
    shared[Symbol.dispose]();
  };
}
