import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { STANDALONE_DIST } from "@ballast/vm";
import * as z from "zod";
import { TestkitError } from "./testkit-error.ts";

/** What a VM case needs of the manifest that the image build writes. */
const Manifest = z.object({
  version: z.string(),
  buildId: z.string(),
  rootHash: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface ProductImage extends z.infer<typeof Manifest> {
  /** The disk as qcow2; never written to. */
  readonly disk: string;
}

/** The image under test: the one that was built last, or that of the directory BALLAST_IMAGE_DIR. */
export function findProductImage(
  directory = process.env["BALLAST_IMAGE_DIR"] ?? STANDALONE_DIST,
): ProductImage {
  const disk = join(directory, "ballast.qcow2");
  const manifest = join(directory, "manifest.json");
  for (const file of [disk, manifest])
    if (!existsSync(file))
      throw new TestkitError("testkit.no-image", `Cannot test an image: "${file}" does not exist`, {
        hint: "Build it: npx turbo run image",
      });
  const parsed = Manifest.safeParse(JSON.parse(readFileSync(manifest, "utf8")));
  if (!parsed.success)
    throw new TestkitError(
      "testkit.bad-manifest",
      `Cannot read manifest "${manifest}": ${z.prettifyError(parsed.error)}`,
    );
  return { ...parsed.data, disk };
}
