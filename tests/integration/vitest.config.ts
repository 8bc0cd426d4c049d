import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "src/bundle.setup.ts",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // They wait for processes, pauses and time limits more than they compute.
    maxWorkers: 2 * availableParallelism(),
  },
});
