import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { parseChunkIndex, planDelta, writeChunkIndex } from "@ballast/updates";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHUNK_LEAST_BYTES, CHUNK_MOST_BYTES, Chunker } from "./chunker.ts";
import { packImage, type Packed } from "./pack-image.ts";

const BLOCK = 4096;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pack-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function pack(name: string, image: Buffer): Promise<Packed> {
  await writeFile(join(folder, name), image);
  const options = { onProgress: () => undefined, signal: new AbortController().signal };
  return packImage(join(folder, name), join(folder, `${name}.zst`), options);
}

/** Blocks like those of a file system; the same seed, the same image. */
function blocks(seed: number, count: number): Buffer {
  const parts = Array.from({ length: count }, (_, index) =>
    createHash("shake256", { outputLength: BLOCK }).update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(parts);
}

describe("packImage()", () => {
  it("packs what any zstd unpacks as a whole, and each frame unpacks to its chunk", async () => {
    const image = Buffer.concat([
      blocks(1, 400),
      Buffer.alloc(300 * BLOCK),
      Buffer.from("an end that is no block"),
    ]);
    const { imageBytes, imageSha256, index } = await pack("image", image);
    expect(imageBytes).toBe(image.length);
    expect(imageSha256).toBe(createHash("sha256").update(image).digest("hex"));
    const file = await readFile(join(folder, "image.zst"));
    expect(parseChunkIndex(writeChunkIndex(index), image.length, file.length)).toEqual(index);
    // All frames one after another, as any zstd reads a file (RFC 8878, 3).
    const whole = createReadStream(join(folder, "image.zst")).pipe(createZstdDecompress());
    expect(Buffer.compare(await buffer(whole), image)).toBe(0);
    let offset = 0;
    for (const {
      frame_offset: at,
      frame_bytes: length,
      size_bytes: size,
      sha256,
    } of index.chunks) {
      const chunk = zstdDecompressSync(file.subarray(at, at + length));
      expect(Buffer.compare(chunk, image.subarray(offset, offset + size))).toBe(0);
      expect(createHash("sha256").update(chunk).digest("hex")).toBe(sha256);
      offset += size;
    }
  });

  it("makes the same file of the same image, and an empty one of an empty one", async () => {
    const image = blocks(2, 200);
    await pack("a", image);
    await pack("b", image);
    const [a, b] = await Promise.all(
      ["a.zst", "b.zst"].map((name) => readFile(join(folder, name))),
    );
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
    expect(await pack("none", Buffer.alloc(0))).toMatchObject({
      imageBytes: 0,
      index: { chunks: [] },
    });
  });

  it("does not write over a file", async () => {
    await pack("a", blocks(3, 10));
    await expect(pack("a", blocks(3, 10))).rejects.toMatchObject({ code: "EEXIST" });
  });

  it("stops when it is told to", async () => {
    await writeFile(join(folder, "big"), randomBytes(8 * 1024 * 1024));
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort(new Error("enough"));
    };
    await expect(
      packImage(join(folder, "big"), join(folder, "big.zst"), {
        onProgress,
        signal: controller.signal,
      }),
    ).rejects.toThrow("aborted");
  });

  it.each([
    [
      "a block changed",
      (image: Buffer) =>
        Buffer.concat([
          image.subarray(0, 1000 * BLOCK),
          blocks(9, 1),
          image.subarray(1001 * BLOCK),
        ]),
    ],
    [
      "blocks put in",
      (image: Buffer) =>
        Buffer.concat([image.subarray(0, 500 * BLOCK), blocks(9, 3), image.subarray(500 * BLOCK)]),
    ],
    [
      "blocks taken out",
      (image: Buffer) =>
        Buffer.concat([image.subarray(0, 500 * BLOCK), image.subarray(507 * BLOCK)]),
    ],
  ])("keeps what is around a change: %s", async (_what, change) => {
    const image = blocks(4, 2000);
    const old = await pack("old", image);
    const fresh = await pack("new", change(image));
    const { reuseBytes } = planDelta(fresh.index, old.index);
    // At most two chunks of the largest size around it.
    expect(fresh.imageBytes - reuseBytes).toBeLessThanOrEqual(3 * CHUNK_MOST_BYTES);
  });
});

describe("Chunker", () => {
  it("loses nothing and keeps its bounds, however the bytes come", () => {
    const image = Buffer.concat([blocks(5, 300), Buffer.alloc(200 * BLOCK), Buffer.from("rest")]);
    const cut = (sizes: readonly number[]): string[] => {
      const chunker = new Chunker();
      const chunks: Buffer[] = [];
      let offset = 0;
      for (const size of [...sizes, image.length]) {
        for (const chunk of chunker.push(image.subarray(offset, offset + size))) chunks.push(chunk);
        offset += size;
      }
      for (const chunk of chunker.end()) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(image)).toBe(true);
      for (const chunk of chunks.slice(0, -1)) {
        expect(chunk.length).toBeGreaterThanOrEqual(CHUNK_LEAST_BYTES);
        expect(chunk.length).toBeLessThanOrEqual(CHUNK_MOST_BYTES);
      }
      return chunks.map((chunk) => createHash("sha256").update(chunk).digest("hex"));
    };
    const wanted = cut([]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 30 }), (sizes) => {
        expect(cut(sizes)).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });
});
