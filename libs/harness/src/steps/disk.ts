import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import type { Context } from "../core/context.ts";
import { sha256File } from "../core/digest.ts";
import { cacheDirectory } from "../core/paths.ts";
import { formatBytes } from "../core/progress.ts";
import { sweepLeftovers } from "../core/sweep-leftovers.ts";
import { repartDefinition } from "../disk/repart-definition.ts";
import type { ImageDefinition, PartitionContent } from "../image-definition.ts";
import { readVerity } from "./verity.ts";

/** Every identifier that repart makes up follows from this seed. */
const SEED = "ba11a570-0000-4000-8000-000000000003";
const MIB = 1 << 20;

/** Lays the parts out on a disk, checks that they leave room to grow, and compresses the result. */
export async function buildDisk(context: Context, image: ImageDefinition): Promise<void> {
  await checkSizes(context, image);
  // Whoever trusts the manifest must never find an old one beside a new disk.
  await rm(join(context.dist, "manifest.json"), { force: true });
  const verity = await readVerity(context.dist);
  // The raw disk is gigabytes of mostly nothing: it is made beside the cache and never kept.
  await mkdir(cacheDirectory(), { recursive: true });
  await sweepLeftovers(cacheDirectory(), ".disk-");
  const work = await mkdtemp(join(cacheDirectory(), ".disk-"));
  try {
    const definitions = join(work, "definitions");
    await mkdir(definitions);
    for (const [index, partition] of image.partitions.entries())
      await writeFile(
        join(definitions, `${String(index + 1).padStart(2, "0")}.conf`),
        repartDefinition(partition, verity.rootHash),
      );
    // FAT keeps the time of the file that is copied: it must not be the time of this build.
    const loader = join(work, "loader");
    await mkdir(loader);
    await copyFile(join(context.dist, "BOOTX64.EFI"), join(loader, "BOOTX64.EFI"));
    const { sourceDateEpoch } = context.lock;
    await utimes(join(loader, "BOOTX64.EFI"), sourceDateEpoch, sourceDateEpoch);
    const binds = {
      readOnly: { "/src": loader, "/cache": context.dist },
      writable: { "/mnt": work, "/out": context.dist },
    };
    await context.run(
      [
        ...[
          "systemd-repart",
          "--offline=yes",
          "--empty=create",
          "--size=auto",
          "--sector-size=512",
          "--dry-run=no",
        ],
        ...[`--seed=${SEED}`, "--definitions=/mnt/definitions", "/mnt/ballast.raw"],
      ],
      // mke2fs draws a random hash seed unless it is told one; the time in its superblock comes from the epoch.
      { ...binds, env: { SYSTEMD_REPART_MKFS_OPTIONS_EXT4: `-E hash_seed=${SEED}` } },
    );
    const raw = join(work, "ballast.raw");
    await writeFile(
      join(work, "raw.json"),
      JSON.stringify({ sha256: await sha256File(raw), sizeBytes: (await stat(raw)).size }),
    );
    await context.run(
      ["qemu-img", "convert", "-O", "qcow2", "/mnt/ballast.raw", "/mnt/ballast.qcow2"],
      binds,
    );
    await context.run(
      ["zstd", "-q", "-T2", "-3", "--rm", "/mnt/ballast.raw", "-o", "/mnt/ballast.raw.zst"],
      binds,
    );
    for (const name of ["ballast.qcow2", "ballast.raw.zst", "raw.json"]) {
      const target = join(context.dist, name);
      // Guests may still have the old disk open: it is replaced, not written over.
      await copyFile(join(work, name), `${target}.new`, constants.COPYFILE_FICLONE);
      await rename(`${target}.new`, target);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function checkSizes(context: Context, image: ImageDefinition): Promise<void> {
  const files: Partial<Record<PartitionContent, string>> = {
    uki: join(context.dist, "uki.efi"),
    root: join(context.dist, "root.img"),
    hash: join(context.dist, "hash.img"),
    esp: join(context.dist, "BOOTX64.EFI"),
  };
  for (const { label, sizeMiB, content } of image.partitions) {
    const file = content === undefined ? undefined : files[content];
    if (file === undefined) continue;
    const { size } = await stat(file);
    const limit = sizeMiB * MIB * image.maxFill;
    if (size > limit)
      throw new BuildError(
        "build.too-large",
        `Cannot make the disk: "${label}" would hold ${formatBytes(size)}, more than ${image.maxFill * 100} % of its ${sizeMiB} MiB`,
        { hint: "Partitions of installed machines never grow: make the image smaller." },
      );
    process.stderr.write(`${label}: ${formatBytes(size)} of ${sizeMiB} MiB\n`);
  }
}
