import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["cases/*.test.ts"],
    globalSetup: "@ballast/testkit/run-setup",
    // One guest at a time: emulated boots compete for processors and would run into their limits.
    fileParallelism: false,
    maxWorkers: 1,
    reporters: ["verbose"],
  },
});
