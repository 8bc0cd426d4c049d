// oxlint-disable-next-line no-restricted-imports -- the process itself is what is tested
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const FAILING = join(import.meta.dirname, "fixtures/fail-with-work-left.ts");

describe("a program that fails", () => {
  it.each([
    ["error", 1, /^fail: Cannot go on/],
    ["bug", 70, /^fail: this is a bug: TypeError: not thought of/],
  ])(
    "ends, whatever it has left open: %s",
    async (fault, exitCode, message) => {
      const child = spawn(process.execPath, [FAILING, fault], {
        stdio: ["ignore", "inherit", "pipe"],
      });
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      expect(code).toBe(exitCode);
      expect(said).toMatch(message);
    },
    30_000,
  );
});
