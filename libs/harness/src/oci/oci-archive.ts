import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { sha256File, sha256Text } from "../core/digest.ts";
import { runTool } from "../core/run-tool.ts";

/** What a container of the image runs by default; the names are those of the OCI image specification, "Properties". */
export interface OciConfig {
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly WorkingDir: string;
  readonly User?: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface OciImage {
  /** The one layer, as a tar archive that is not compressed. */
  readonly layer: string;
  readonly config: OciConfig;
  /** Name by which an import knows the image, e.g. `ballast.local/admin:0.1.0`. */
  readonly reference: string;
  readonly sourceDateEpoch: number;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const ARCHITECTURE = { architecture: "amd64", os: "linux" } as const;

/**
 * Writes an image of one layer as an archive of an OCI image layout (image-spec 1.1: image-layout.md, manifest.md,
 * config.md). The same layer gives the same bytes. `work` is a folder for what is needed meanwhile.
 */
export async function writeOciArchive(image: OciImage, work: string, file: string): Promise<void> {
  const layout = join(work, "layout");
  const blobs = join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const diffId = `sha256:${await sha256File(image.layer)}`;
  const layer = await addLayer(blobs, image.layer, work);
  const created = new Date(image.sourceDateEpoch * 1000).toISOString();
  const config = await addJson(blobs, "application/vnd.oci.image.config.v1+json", {
    created,
    ...ARCHITECTURE,
    config: image.config,
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: "ballast-build" }],
  });
  const manifest = await addJson(blobs, "application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: [layer],
  });
  const annotations = {
    // containerd takes the first as the image's name, others take the second, which is a tag alone.
    "io.containerd.image.name": image.reference,
    "org.opencontainers.image.ref.name": image.reference.replace(/^.*:/, ""),
  };
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...manifest, platform: ARCHITECTURE, annotations }],
  };
  await writeFile(join(layout, "index.json"), JSON.stringify(index));
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await runTool("tar", [
    ...["-cf", file, "-C", layout, "--sort=name", "--format=ustar"],
    ...["--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX,u+w,go-w"],
    `--mtime=@${image.sourceDateEpoch}`,
    ...["oci-layout", "index.json", "blobs"],
  ]);
  await rm(layout, { recursive: true });
}

/** gzip, which every registry and runtime takes; without a name or a date in its head, so the bytes repeat. */
async function addLayer(blobs: string, tar: string, work: string): Promise<Descriptor> {
  const compressed = join(work, "layer.tar.gz");
  await pipeline(createReadStream(tar), createGzip({ level: 9 }), createWriteStream(compressed));
  const digest = await sha256File(compressed);
  const { size } = await stat(compressed);
  await rename(compressed, join(blobs, digest));
  return {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: `sha256:${digest}`,
    size,
  };
}

async function addJson(blobs: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const text = JSON.stringify(value);
  const digest = sha256Text(text);
  await writeFile(join(blobs, digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}
