import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { BuildError } from "../core/build-error.ts";
import { inside, type Context } from "../core/context.ts";

const BLOCK_BYTES = 4096;
/** Fixed, so that the same root has the same hash: the salt guards against nothing here, the root is public. */
const SALT = "ba11a57000000000000000000000000000000000000000000000000000000000";
const UUID = "ba11a570-0000-4000-8000-000000000002";

export const Verity = z.strictObject({
  rootHash: z.string().regex(/^[0-9a-f]{64}$/),
  salt: z.string(),
  dataBlocks: z.int().positive(),
});
export type Verity = z.infer<typeof Verity>;

/** Makes the hash tree over the root (dm-verity format 1); its top hash is the identity of the image. */
export async function buildVerity(context: Context): Promise<void> {
  const root = join(context.dist, "root.img");
  const hash = join(context.dist, "hash.img");
  const { size } = await stat(root);
  if (size % BLOCK_BYTES !== 0) await truncate(root, Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES);
  await rm(hash, { force: true });
  const output = await context.run(
    [
      "veritysetup",
      "format",
      `--salt=${SALT}`,
      `--uuid=${UUID}`,
      "--data-block-size=4096",
      "--hash-block-size=4096",
      inside(root),
      inside(hash),
    ],
    { writable: { "/out": context.dist } },
  );
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(output)?.[1] ?? "";
  const verity = {
    rootHash: field("Root hash"),
    salt: SALT,
    dataBlocks: Number(field("Data blocks")),
  };
  await writeFile(
    join(context.dist, "verity.json"),
    `${JSON.stringify(Verity.parse(verity), undefined, 2)}\n`,
  );
}

export async function readVerity(dist: string): Promise<Verity> {
  const file = join(dist, "verity.json");
  const result = Verity.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!result.success)
    throw new BuildError(
      "build.input-missing",
      `Cannot read "${file}": ${z.prettifyError(result.error)}`,
    );
  return result.data;
}

/** The first half of the root hash names ROOT, the second half HASH (Discoverable Partitions Specification). */
export function verityPartitionUuids(rootHash: string): { root: string; hash: string } {
  const toUuid = (hex: string): string =>
    hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { root: toUuid(rootHash.slice(0, 32)), hash: toUuid(rootHash.slice(32)) };
}
