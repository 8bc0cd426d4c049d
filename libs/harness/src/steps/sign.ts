import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Context } from "../core/context.ts";
import { repositoryPath } from "../core/paths.ts";
import { authenticodeSha256File } from "../keys/authenticode.ts";
import { checkSigner, keysDirectory } from "../keys/key-folder.ts";
import { readSigner, signImage } from "../keys/sign-image.ts";

const Signed = z.strictObject({
  /** SHA-256 of the certificate in DER. */
  certificateSha256: z.string(),
  /** What was signed, each with the hash that its signature covers: the same whoever signs. */
  images: z.array(z.strictObject({ name: z.string(), authenticodeSha256: z.string() })),
});
export type Signed = z.infer<typeof Signed>;

/** Signs what the firmware starts, the selector and the UKI, and writes down by whom. */
export async function signImages(context: Context): Promise<void> {
  const keys = keysDirectory();
  const { certificateSha256 } = await readSigner(keys);
  checkSigner(certificateSha256);
  const images = [
    { source: repositoryPath("kernel/dist/BOOTX64.EFI"), name: "BOOTX64.EFI" },
    { source: join(context.dist, "uki.unsigned.efi"), name: "uki.efi" },
  ];
  for (const { source, name } of images)
    await signImage(context, keys, { source, target: join(context.dist, name) });
  const signed: Signed = {
    certificateSha256,
    images: await Promise.all(
      images.map(async ({ source, name }) => ({
        name,
        authenticodeSha256: await authenticodeSha256File(source),
      })),
    ),
  };
  await writeFile(join(context.dist, "signed.json"), `${JSON.stringify(signed, undefined, 2)}\n`);
  process.stderr.write(`signed with the certificate ${certificateSha256}\n`);
}

export async function readSigned(dist: string): Promise<Signed> {
  return Signed.parse(JSON.parse(await readFile(join(dist, "signed.json"), "utf8")));
}
