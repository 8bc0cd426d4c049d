import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { VmError } from "./vm-error.ts";

/** What is needed of the manifest that the image build writes last, next to the image. */
const Manifest = z.object({
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
});

const HINT = "Build it: npx turbo run image";

/** Refuses an image that is not the one of its manifest, such as one of an interrupted build: `vm.image-mismatch`. */
export async function mustMatchManifest(image: string, sha256: string): Promise<void> {
  const manifest = join(dirname(image), "manifest.json");
  const wanted = (await readFiles(manifest, image)).find(({ name }) => name === basename(image));
  if (wanted?.sha256 === sha256) return;
  throw new VmError(
    "vm.image-mismatch",
    `Cannot use image "${image}": its SHA-256 is ${sha256}, its manifest says ${wanted?.sha256 ?? "nothing"}`,
    { hint: HINT },
  );
}

async function readFiles(
  manifest: string,
  image: string,
): Promise<z.infer<typeof Manifest>["files"]> {
  try {
    return Manifest.parse(JSON.parse(await readFile(manifest, "utf8"))).files;
  } catch (cause) {
    throw new VmError(
      "vm.image-mismatch",
      `Cannot use image "${image}": its manifest "${manifest}" cannot be read`,
      { cause, hint: HINT },
    );
  }
}
