import { makeScratchDir } from "@ballast/vm";
import type { TestProject } from "vitest/node";

/** vitest's global set-up of a run of VM cases: a directory that all share and that ends with the run. */
export function setup(project: TestProject): () => void {
  const shared = makeScratchDir();
  project.provide("sharedDirectory", shared.path);
  return () => {
    shared[Symbol.dispose]();
  };
}
