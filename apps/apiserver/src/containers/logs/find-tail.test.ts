import * as fc from "fast-check";
import { expect, it } from "vitest";
import { findTail } from "./find-tail.ts";

function find(file: Buffer, wanted: number) {
  const read = async (offset: number, bytes: number) => file.subarray(offset, offset + bytes);
  return findTail(read, file.length, wanted);
}

/** The last lines of a file by reading all of it from its beginning. */
function naive(lines: readonly string[], wanted: number): string {
  const ends = lines.flatMap((line, index) => (line.includes(" F ") ? [index + 1] : []));
  const isOpen = lines.at(-1)?.includes(" P ") === true;
  const count = ends.length;
  const from = wanted >= count ? 0 : (ends[count - wanted - 1] ?? 0);
  return wanted === 0 && !isOpen ? "" : lines.slice(from).join("");
}

it("finds the last lines without reading the others", async () => {
  const line = fc
    .tuple(fc.constantFrom("F", "P"), fc.nat({ max: 40_000 }))
    .map(([tag, length]) => `2026-11-24T12:00:00Z stdout ${tag} ${"x".repeat(length)}\n`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 20 }),
      fc.nat({ max: 25 }),
      async (lines, wanted) => {
        const file = Buffer.from(lines.join(""));
        const { offset, lines: found } = await find(file, wanted);
        expect(file.subarray(offset).toString()).toBe(naive(lines, wanted));
        expect(found).toBe(Math.min(wanted, lines.filter((one) => one.includes(" F ")).length));
      },
    ),
  );
});

it("reads little of a large file", async () => {
  const file = Buffer.from("2026-11-24T12:00:00Z stdout F 0123456789\n".repeat(100_000));
  let readBytes = 0;
  await findTail(
    async (offset, bytes) => {
      readBytes += bytes;
      return file.subarray(offset, offset + bytes);
    },
    file.length,
    10,
  );
  expect(readBytes).toBe(64 * 1024);
});
