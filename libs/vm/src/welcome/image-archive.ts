import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { runTool } from "../run-tool.ts";
import { makeScratchDir } from "../scratch-dir.ts";

/** A small image, in memory. */
export interface ImageArchive {
  /** Of its manifest: by this it is pulled. */
  readonly digest: string;
  /** Manifest, configuration and layers by their digests. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

const Index = z.object({ manifests: z.tuple([z.object({ digest: z.string() })]) });

/** Reads an archive of an OCI image layout (image-spec 1.1, image-layout.md) with one image. */
export async function readImageArchive(file: string): Promise<ImageArchive> {
  using scratch = makeScratchDir();
  await runTool("tar", ["-xf", file, "-C", scratch.path]);
  const index = await readFile(join(scratch.path, "index.json"), "utf8");
  const folder = join(scratch.path, "blobs/sha256");
  const blobs = new Map<string, Buffer>();
  for (const name of await readdir(folder))
    blobs.set(`sha256:${name}`, await readFile(join(folder, name)));
  return { digest: Index.parse(JSON.parse(index)).manifests[0].digest, blobs };
}
