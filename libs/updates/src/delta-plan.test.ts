import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChunkIndex, writeChunkIndex, type Chunk, type ChunkIndex } from "./chunk-index.ts";
import { joinFrames, planDelta } from "./delta-plan.ts";

/** An image is a list of texts; each is a chunk. A frame is one byte longer than its chunk. */
function indexOf(image: readonly string[]): ChunkIndex {
  let offset = 0;
  const chunks = image.map((text): Chunk => {
    const chunk = {
      size_bytes: text.length,
      sha256: createHash("sha256").update(text).digest("hex"),
      frame_offset: offset,
      frame_bytes: text.length + 1,
    };
    offset += chunk.frame_bytes;
    return chunk;
  });
  return { schema: 1, chunks };
}

const image = fc.array(fc.constantFrom("a", "bb", "ccc", "dddd", "eeeee", "ffffff"), {
  maxLength: 30,
});

describe("planDelta()", () => {
  it("builds the new image from the old one and what is fetched", () => {
    fc.assert(
      fc.property(image, image, (old, fresh) => {
        const wanted = indexOf(fresh);
        const plan = planDelta(wanted, indexOf(old));
        const oldText = old.join("");
        const rebuilt = fresh.map((text, index) => {
          const source = plan.sources[index];
          return source === undefined ? text : oldText.slice(source, source + text.length);
        });
        expect(rebuilt.join("")).toBe(fresh.join(""));
        // Every missing frame is within a range, and nothing is asked for that was there.
        for (const [index, chunk] of wanted.chunks.entries()) {
          if (plan.sources[index] !== undefined) continue;
          const end = chunk.frame_offset + chunk.frame_bytes;
          expect(
            plan.ranges.some(
              ({ offset, sizeBytes }) => offset <= chunk.frame_offset && end <= offset + sizeBytes,
            ),
          ).toBe(true);
        }
        expect(plan.fetchBytes === 0).toBe(plan.sources.every((source) => source !== undefined));
      }),
    );
  });

  it("needs nothing for the same image, all for another", () => {
    const index = indexOf(["a", "bb", "ccc"]);
    expect(planDelta(index, index)).toMatchObject({ fetchBytes: 0, reuseBytes: 6, ranges: [] });
    expect(planDelta(index, indexOf(["x"]))).toMatchObject({ fetchBytes: 9, reuseBytes: 0 });
  });
});

describe("joinFrames()", () => {
  const frame = (offset: number, bytes: number): Chunk => ({
    size_bytes: bytes,
    sha256: "",
    frame_offset: offset,
    frame_bytes: bytes,
  });
  it("asks for near frames at once, for far ones by themselves, and never for too much", () => {
    const MIB = 1024 * 1024;
    expect(
      joinFrames([frame(0, 10), frame(10, 10), frame(65_000, 10), frame(200_000, 10)]),
    ).toEqual([
      { offset: 0, sizeBytes: 65_010 },
      { offset: 200_000, sizeBytes: 10 },
    ]);
    const many = Array.from({ length: 20 }, (_, index) => frame(index * MIB, MIB));
    expect(joinFrames(many).map(({ sizeBytes }) => sizeBytes / MIB)).toEqual([8, 8, 4]);
  });
});

describe("parseChunkIndex()", () => {
  const index = indexOf(["aaaa", "bb"]);
  it("reads what was written", () => {
    expect(parseChunkIndex(writeChunkIndex(index), 6, 8)).toEqual(index);
    expect(parseChunkIndex('{"schema":1,"chunks":[]}', 0, 0).chunks).toEqual([]);
  });
  it.each([
    ["", 6, 8, /no JSON/],
    ["{}", 6, 8, /schema/],
    [JSON.stringify({ ...index, more: 1 }), 6, 8, /more/],
    [JSON.stringify(index), 7, 8, /chunks have 6 bytes, the image has 7/],
    [JSON.stringify(index), 6, 9, /frames have 8 bytes, the file has 9/],
    [JSON.stringify({ schema: 1, chunks: index.chunks.toReversed() }), 6, 8, /do not follow/],
    [
      JSON.stringify({ schema: 1, chunks: [{ ...index.chunks[0], size_bytes: 2 ** 21 }] }),
      6,
      8,
      /size_bytes/,
    ],
    [
      JSON.stringify({ schema: 1, chunks: [{ ...index.chunks[0], size_bytes: 0 }] }),
      6,
      8,
      /size_bytes/,
    ],
    [
      JSON.stringify({ schema: 1, chunks: [{ ...index.chunks[0], frame_offset: -1 }] }),
      6,
      8,
      /frame_offset/,
    ],
  ])("refuses %s for %d and %d", (text, imageBytes, fileBytes, reason) => {
    expect(() => parseChunkIndex(text, imageBytes, fileBytes)).toThrow(reason);
  });
});
