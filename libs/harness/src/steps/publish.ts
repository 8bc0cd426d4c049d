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
  const files = await Promise.all(
    ARTEFACTS.map(async (name) => ({
      name,
      sha256: await sha256File(join(dist, name)),
      sizeBytes: (await stat(join(dist, name))).size,
    })),
  );
  const manifest = {
    name: "Ballast",
    version: context.version,
    variant: image.variant,
    arch: "x86_64",
    buildId: await readBuildId(dist),
    leastSelector: LEAST_SELECTOR,
    secureBoot: await readSigned(dist),
    rootHash: (await readVerity(dist)).rootHash,
    sourceDateEpoch: context.lock.sourceDateEpoch,
    disk: RawDisk.parse(JSON.parse(await readFile(join(dist, "raw.json"), "utf8"))),
    files,
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

export async function readBuildId(dist: string): Promise<string> {
  return Root.parse(JSON.parse(await readFile(join(dist, "root.json"), "utf8"))).buildId;
}
