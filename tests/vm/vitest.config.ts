import { availableParallelism } from "node:os";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** Each takes a GiB. */
const MOST_GUESTS = 4;

/** By number, so that runs can be compared and the snapshot is made by the case that measures the boot. */
class ByNumber extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

/** `--mode soak` runs the longer proofs instead: `npm run test:soak`. */
export default defineConfig(({ mode }) => ({
  test: {
    include: [mode === "soak" ? "soak/*.test.ts" : "cases/*.test.ts"],
    globalSetup: "@ballast/testkit/run-setup",
    // A guest takes one processor and is idle for long in the cases that wait for a reset.
    maxWorkers: Math.min(availableParallelism(), MOST_GUESTS),
    sequence: { sequencer: ByNumber },
    reporters: ["verbose"],
  },
}));
