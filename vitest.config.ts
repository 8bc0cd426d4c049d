import { defineConfig } from "vitest/config";

/** All unit tests in one run, so that `npm test` can count them; `turbo run test` runs each package's alone. */
export default defineConfig({
  test: { projects: ["libs/*", "apps/*", "docs", "kernel", "tests/bench"] },
});
