import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeLock } from "./lock.ts";
import { makeScratchDir } from "./scratch-dir.ts";

describe("takeLock()", () => {
  it("is exclusive while its owner lives, and free afterwards", () => {
    using scratch = makeScratchDir();
    const file = join(scratch.path, "lock");
    {
      using lock = takeLock(file, "a");
      expect(lock).toBeDefined();
      expect(readdirSync(scratch.path)).toEqual(["lock"]);
      expect(() => takeLock(file, "a")).toThrow(
        `Cannot start guest "a": process ${process.pid} runs it`,
      );
    }
    expect(existsSync(file)).toBe(false);
  });

  it.each(["", `${process.pid} 1\n`, "4194304 12345\n", "garbage"])(
    "takes over the lock %j, which no living process owns",
    (content) => {
      using scratch = makeScratchDir();
      const file = join(scratch.path, "lock");
      writeFileSync(file, content);
      using lock = takeLock(file, "a");
      expect(lock).toBeDefined();
    },
  );
});
