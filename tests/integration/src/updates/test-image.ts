import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const BLOCK_BYTES = 4096;
const SALT = Buffer.alloc(32, 3);

export interface TestImage {
  readonly version: string;
  readonly root: Buffer;
  readonly boot: Buffer;
}

/** Blocks that differ from each other and from those of another seed; half of each packs well. */
export function blocks(seed: string, count: number): Buffer {
  const image = Buffer.alloc(count * BLOCK_BYTES);
  for (let index = 0; index < count; index++)
    createHash("shake256", { outputLength: BLOCK_BYTES / 2 })
      .update(`${seed} ${index}`)
      .digest()
      .copy(image, index * BLOCK_BYTES);
  return image;
}

/** Writes what an image build leaves in its folder, with a real hash tree of the root. */
export async function buildImage(
  folder: string,
  { version, root, boot }: TestImage,
): Promise<{ readonly rootHash: string; readonly hash: Buffer }> {
  const { hash, rootHash } = hashTree(root);
  await mkdir(folder);
  const files = [];
  for (const [name, bytes] of [
    ["uki.efi", boot],
    ["root.img", root],
    ["hash.img", hash],
  ] as const) {
    await writeFile(join(folder, name), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    files.push({ name, sha256, sizeBytes: bytes.length });
  }
  const manifest = {
    ...{ version, variant: "standalone", arch: "x86_64", leastSelector: 2, rootHash, files },
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  return { rootHash, hash };
}

/** As veritysetup lays it out: superblock, then the levels from the top. */
function hashTree(root: Buffer): { readonly hash: Buffer; readonly rootHash: string } {
  const saltedHash = (bytes: Buffer): Buffer =>
    createHash("sha256").update(SALT).update(bytes).digest();
  const levels: Buffer[] = [];
  let below = root;
  do {
    const level = Buffer.alloc(Math.ceil(below.length / BLOCK_BYTES / 128) * BLOCK_BYTES);
    for (let at = 0; at < below.length; at += BLOCK_BYTES)
      saltedHash(below.subarray(at, at + BLOCK_BYTES)).copy(level, (at / BLOCK_BYTES) * 32);
    levels.unshift(level);
    below = level;
  } while (below.length > BLOCK_BYTES);
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
  return { hash: Buffer.concat([head, ...levels]), rootHash: saltedHash(below).toString("hex") };
}
