import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { PublisherError } from "../publisher-error.ts";

/** Which file of an image build is which image of a release. */
const FILES = { boot: "uki.efi", root: "root.img", hash: "hash.img" } as const;
export type ImageName = keyof typeof FILES;
export const IMAGE_NAMES: readonly ImageName[] = ["boot", "root", "hash"];

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** The part of a build's manifest that a release needs. */
const BuildManifest = z.object({
  version: z.string(),
  variant: z.string(),
  arch: z.string(),
  leastSelector: z.int().min(1),
  rootHash: Sha256,
  files: z.array(z.object({ name: z.string(), sha256: Sha256, sizeBytes: z.int() })),
});

export interface ImageFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What an image build left in its folder. */
export interface BuiltImage {
  readonly version: string;
  readonly variant: string;
  readonly arch: string;
  readonly leastSelector: number;
  readonly rootHash: string;
  readonly images: Readonly<Record<ImageName, ImageFile>>;
}

/** Throws PublisherError. */
export async function readImageFolder(folder: string): Promise<BuiltImage> {
  const path = join(folder, "manifest.json");
  try {
    const { files, ...image } = BuildManifest.parse(JSON.parse(await readFile(path, "utf8")));
    const find = (name: ImageName): ImageFile => {
      const file = files.find((one) => one.name === FILES[name]);
      if (file === undefined) throw new TypeError(`it does not name ${FILES[name]}`);
      return { path: join(folder, file.name), sha256: file.sha256, sizeBytes: file.sizeBytes };
    };
    return { ...image, images: { boot: find("boot"), root: find("root"), hash: find("hash") } };
  } catch (cause) {
    throw new PublisherError("publisher.bad-image", `Cannot read the image in "${folder}"`, {
      cause,
      hint: "It is what `npm run image` makes: images/standalone/dist.",
    });
  }
}
