// oxlint-disable-next-line no-restricted-imports -- the process itself is what is tested
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const WRITER = join(import.meta.dirname, "fixtures/write-answer.ts");

function answer(...sizes: number[]): string {
  const { stdout, status } = spawnSync(process.execPath, [WRITER, ...sizes.map(String)], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(status).toBe(0);
  return stdout;
}

describe("standard output of a program", () => {
  it.each([[[]], [[0]], [[1]], [[16_384]], [[16_385]], [[5, 16_380, 1, 3_000_000, 7]]])(
    "arrives whole and in order: %j",
    (sizes) => {
      const wanted = sizes.map((size, index) => String(index).repeat(size)).join("");
      expect(answer(...sizes)).toBe(wanted);
    },
  );

  it("waits for a slow reader", async () => {
    const child = spawn(process.execPath, [WRITER, "10", "3000000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await buffer(child.stdout)).length).toBe(3_000_010);
  });

  it.each(["10", "3000000"])("ends in peace when the reader went away: %s", async (size) => {
    const child = spawn(process.execPath, [WRITER, size, size], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.destroy();
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });
});
