import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { writeChunkIndex, type Chunk, type Release } from "@ballast/updates";

/** Releases for tests: real images in small, packed as the publisher does it. */
export interface TestRelease {
  readonly release: Release;
  readonly images: Readonly<Record<"root" | "hash" | "boot", Buffer>>;
  /** The targets of the release by name. */
  readonly targets: ReadonlyMap<string, Buffer>;
}

export const BLOCK_BYTES = 4096;
const SALT = Buffer.alloc(32, 7);
/** Blocks of a chunk, in turn. */
const CHUNK_BLOCKS = [16, 64, 4, 33] as const;

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Blocks that differ from each other and from those of another seed, half of each easy to pack. */
export function blocks(seed: string, count: number): Buffer {
  const parts = Array.from({ length: count }, (_, index) => {
    const block = Buffer.alloc(BLOCK_BYTES);
    createHash("shake256", { outputLength: BLOCK_BYTES / 2 })
      .update(`${seed} ${index}`)
      .digest()
      .copy(block);
    return block;
  });
  return Buffer.concat(parts);
}

/** The hash tree of a root, as veritysetup makes it, and its root hash. */
export function verityTree(root: Buffer): { readonly tree: Buffer; readonly rootHash: string } {
  const hashOf = (block: Buffer) => createHash("sha256").update(SALT).update(block).digest();
  const levels: Buffer[] = [];
  let level = root;
  do {
    const count = level.length / BLOCK_BYTES;
    const hashes = Array.from({ length: count }, (_, index) =>
      hashOf(level.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)),
    );
    const bytes = Buffer.concat(hashes);
    level = Buffer.concat([
      bytes,
      Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES),
    ]);
    levels.unshift(level);
  } while (level.length > BLOCK_BYTES);
  const head = Buffer.alloc(BLOCK_BYTES);
  head.write("verity");
  head.writeUInt32LE(1, 8);
  head.writeUInt32LE(1, 12);
  head.write("sha256", 32);
  head.writeUInt32LE(BLOCK_BYTES, 64);
  head.writeUInt32LE(BLOCK_BYTES, 68);
  head.writeBigUInt64LE(BigInt(root.length / BLOCK_BYTES), 72);
  head.writeUInt16LE(SALT.length, 80);
  SALT.copy(head, 88);
  return { tree: Buffer.concat([head, ...levels]), rootHash: hashOf(level).toString("hex") };
}

/** One frame for each chunk; boundaries at fixed places are as good as any for who reads them. */
export function pack(image: Buffer): { readonly file: Buffer; readonly chunks: readonly Chunk[] } {
  const frames: Buffer[] = [];
  const chunks: Chunk[] = [];
  let fileBytes = 0;
  for (let offset = 0; offset < image.length;) {
    const size = (CHUNK_BLOCKS[chunks.length % CHUNK_BLOCKS.length] ?? 1) * BLOCK_BYTES;
    const chunk = image.subarray(offset, offset + size);
    const frame = zstdCompressSync(chunk, {
      params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
      pledgedSrcSize: chunk.length,
    });
    frames.push(frame);
    chunks.push({
      size_bytes: chunk.length,
      sha256: sha256(chunk),
      frame_offset: fileBytes,
      frame_bytes: frame.length,
    });
    offset += chunk.length;
    fileBytes += frame.length;
  }
  return { file: Buffer.concat(frames), chunks };
}

/** The hash tree follows from the root, unless a test has another idea. */
export function testRelease(
  version: string,
  { root, boot }: { readonly root: Buffer; readonly boot: Buffer },
  changes: Partial<Release> = {},
): TestRelease {
  const { tree, rootHash } = verityTree(root);
  const images = { root, hash: tree, boot };
  const targets = new Map<string, Buffer>();
  const add = (name: keyof typeof images) => {
    const { file, chunks } = pack(images[name]);
    const target = `${name}-${version}.zst`;
    const index = `${name}-${version}.chunks.json`;
    targets.set(target, file);
    targets.set(index, Buffer.from(writeChunkIndex({ schema: 1, chunks: [...chunks] })));
    const { length: size } = images[name];
    return { target, size_bytes: size, sha256: sha256(images[name]), chunks: index };
  };
  const release: Release = {
    ...{ variant: "standalone", arch: "x86_64", version },
    published_at: "2026-01-01T00:00:00Z",
    max_version: "9.0.0",
    waves: [],
    root_hash: rootHash,
    selector: 1,
    images: { boot: add("boot"), root: add("root"), hash: add("hash") },
    ...changes,
  };
  return { release, images, targets };
}
