import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Context } from "../core/context.ts";
import { sha256File } from "../core/digest.ts";
import { formatBytes } from "../core/progress.ts";
import { repositoryPath } from "../core/paths.ts";
import { billOfMaterials } from "../sbom/bill-of-materials.ts";
import { LEAST_SELECTOR } from "../root/os-release.ts";
import type { ImageDefinition } from "../image-definition.ts";
import { readSigned } from "./sign.ts";
import { readVerity } from "./verity.ts";

/** What a build gives to others: two disks and the three parts of an update, and the selector. */
const ARTEFACTS = [
  "ballast.qcow2",
  "ballast.raw.zst",
  "uki.efi",
  "root.img",
  "hash.img",
  "BOOTX64.EFI",
] as const;

const RawDisk = z.strictObject({ sha256: z.string(), sizeBytes: z.number() });
const Root = z.object({ buildId: z.string() });

/** Describes the finished image: manifest, checksums, packages, bill of materials, kernel configuration. */
export async function publishImage(context: Context, image: ImageDefinition): Promise<void> {
  const { dist } = context;
  const files = await describeFiles(dist, ARTEFACTS);
  const manifest = {
    ...(await describeRelease(context, image, await readBuildId(dist), files)),
    secureBoot: await readSigned(dist),
    sourceDateEpoch: context.lock.sourceDateEpoch,
    disk: RawDisk.parse(JSON.parse(await readFile(join(dist, "raw.json"), "utf8"))),
  };
  await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(
    join(dist, "SHA256SUMS"),
    files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""),
  );
  await cp(repositoryPath("kernel/dist/kernel.config"), join(dist, "kernel.config"));
  const packages = [...context.lock.root, ...context.lock.kernel];
  await writeFile(
    join(dist, "packages.txt"),
    packages.map(({ name, version }) => `${name} ${version}\n`).join(""),
  );
  await writeFile(
    join(dist, "sbom.cdx.json"),
    `${JSON.stringify(await billOfMaterials(context, image), undefined, 1)}\n`,
  );
  for (const { name, sizeBytes } of files)
    process.stderr.write(`${name}: ${formatBytes(sizeBytes)}\n`);
}

interface FileOfRelease {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export function describeFiles(dist: string, names: readonly string[]): Promise<FileOfRelease[]> {
  return Promise.all(
    names.map(async (name) => ({
      name,
      sha256: await sha256File(join(dist, name)),
      sizeBytes: (await stat(join(dist, name))).size,
    })),
  );
}

/** What whoever publishes the image as a release must know of it. */
export async function describeRelease(
  { dist, version }: Pick<Context, "dist" | "version">,
  image: ImageDefinition,
  buildId: string,
  files: readonly FileOfRelease[],
) {
  return {
    name: "Ballast",
    version,
    variant: image.variant,
    arch: "x86_64",
    buildId,
    leastSelector: LEAST_SELECTOR,
    rootHash: (await readVerity(dist)).rootHash,
    files,
  };
}

export async function readBuildId(dist: string): Promise<string> {
  return Root.parse(JSON.parse(await readFile(join(dist, "root.json"), "utf8"))).buildId;
}
