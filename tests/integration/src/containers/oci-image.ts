import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Buffer;
}

/** An image as a registry has it (OCI image-spec 1.1); all of it in memory. */
export interface OciImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export type Compression = "none" | "gzip" | "zstd";

export interface ImageWish {
  /** The `config` of its configuration; runs the probe unless told. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly compression?: Compression;
  /** Files beside `/probe`. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly architecture?: string;
}

/** An image of one layer with the probe in it. */
export async function makeImage(
  lab: ContainersLab,
  { config = {}, compression = "gzip", files = {}, architecture = "amd64" }: ImageWish = {},
): Promise<OciImage> {
  const tar = await tarOf(lab, files);
  const layer = blobOf(`${LAYER}${SUFFIX[compression]}`, COMPRESS[compression](tar));
  const whole = jsonBlob(CONFIG, {
    architecture,
    os: "linux",
    config: { Entrypoint: ["/probe"], ...config },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    history: [{ created_by: "test" }],
  });
  const manifest = jsonBlob(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(whole),
    layers: [descriptor(layer)],
  });
  return { manifest, config: whole, layers: [layer] };
}

/** One name for several images, each for a processor. */
export function makeIndex(images: Readonly<Record<string, OciImage>>): Blob {
  const manifests = Object.entries(images).map(([architecture, { manifest }]) => ({
    ...descriptor(manifest),
    platform: { architecture, os: "linux" },
  }));
  return jsonBlob(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
}

export interface PushPlace {
  readonly socketPath: string;
  readonly authorization: string;
}

/** Puts images into the registry behind the socket, and one manifest or index under a tag (distribution-spec 1.1, "Push"). */
export async function push(
  registry: PushPlace,
  [repository, tag]: readonly [string, string],
  images: readonly OciImage[],
  named: Blob | undefined = images[0]?.manifest,
): Promise<void> {
  for (const { manifest, config, layers } of images) {
    for (const { digest, bytes } of [config, ...layers]) {
      const { location = "" } = await send(registry, "POST", `/v2/${repository}/blobs/uploads/`);
      const { pathname, searchParams } = new URL(location, "http://registry.lab");
      searchParams.set("digest", digest);
      await send(registry, "PUT", `${pathname}?${searchParams.toString()}`, { bytes });
    }
    await send(registry, "PUT", `/v2/${repository}/manifests/${manifest.digest}`, manifest);
  }
  if (named !== undefined) await send(registry, "PUT", `/v2/${repository}/manifests/${tag}`, named);
}

async function tarOf(lab: ContainersLab, files: NonNullable<ImageWish["files"]>): Promise<Buffer> {
  const folder = await mkdtemp(lab.path("var/tmp/layer-"));
  try {
    await copyFile(lab.probe, join(folder, "probe"));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const options = ["--owner=0", "--group=0", "--mode=a+rX,u+w", "--mtime=@1700000000"];
    const { stdout } = await execa("tar", ["-c", "-C", folder, ...options, "."], {
      encoding: "buffer",
      maxBuffer: 256 * 1024 * 1024,
    });
    return Buffer.from(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const SUFFIX = { none: "", gzip: "+gzip", zstd: "+zstd" } as const;
const COMPRESS: Readonly<Record<Compression, (tar: Buffer) => Buffer>> = {
  none: (tar) => tar,
  gzip: (tar) => gzipSync(tar, { level: 1 }),
  zstd: (tar) => zstdCompressSync(tar),
};

function jsonBlob(mediaType: string, content: unknown): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(content)));
}

function blobOf(mediaType: string, bytes: Buffer): Blob {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes };
}

function descriptor({ mediaType, digest, size }: Blob) {
  return { mediaType, digest, size };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function send(
  { socketPath, authorization }: PushPlace,
  method: string,
  path: string,
  body: { readonly bytes: Buffer; readonly mediaType?: string } = { bytes: Buffer.alloc(0) },
): Promise<{ readonly location?: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly location?: string | undefined;
  }>();
  const headers = {
    host: "registry.lab:5443",
    authorization,
    "content-length": body.bytes.length,
    "content-type": body.mediaType ?? "application/octet-stream",
  };
  const where = {
    socketPath,
    method,
    path,
    headers,
    agent: false,
  };
  request(where, (response) => {
    const { statusCode = 0 } = response;
    text(response).then((answer) => {
      if (statusCode >= 300) reject(new Error(`${method} ${path}: ${statusCode} ${answer}`));
      else resolve({ location: response.headers.location });
    }, reject);
  })
    .on("error", reject)
    .end(body.bytes);
  return promise;
}
