import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashFile } from "./hash-file.ts";
import { mustMatchManifest } from "./image-manifest.ts";
import { makeScratchDir } from "./scratch-dir.ts";

it("mustMatchManifest() takes the image of the manifest and no other", async () => {
  using scratch = makeScratchDir();
  const image = join(scratch.path, "ballast.qcow2");
  const manifest = join(scratch.path, "manifest.json");
  writeFileSync(image, "an image");
  const sha256 = await hashFile(image);
  const refused = { code: "vm.image-mismatch", hint: "Build it: npx turbo run image" };
  await expect(mustMatchManifest(image, sha256)).rejects.toMatchObject(refused);
  writeFileSync(manifest, JSON.stringify({ files: [{ name: "ballast.qcow2", sha256 }] }));
  await expect(mustMatchManifest(image, sha256)).resolves.toBeUndefined();
  writeFileSync(image, "another image");
  await expect(mustMatchManifest(image, await hashFile(image))).rejects.toMatchObject(refused);
  writeFileSync(manifest, "{");
  await expect(mustMatchManifest(image, sha256)).rejects.toMatchObject(refused);
});
