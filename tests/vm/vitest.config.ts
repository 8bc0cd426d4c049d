import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig } from "vitest/config";

/** By number, so that runs can be compared and the snapshot is made by the case that measures the boot. */
class ByNumber extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ["cases/*.test.ts"],
    globalSetup: "@ballast/testkit/run-setup",
    // One guest at a time: emulated boots compete for processors and would run into their limits.
    fileParallelism: false,
    maxWorkers: 1,
    sequence: { sequencer: ByNumber },
    reporters: ["verbose"],
  },
});
