import { createHash } from "node:crypto";
import { HostContainersError } from "../errors.ts";

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const SIZE = { from: 124, to: 136 } as const;

export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image of an archive: what its name points to, and everything that belongs to it, the manifest last. */
export interface ArchivedImage {
  readonly target: OciDescriptor;
  /** Digests of what the manifest names, in its order: the configuration, then the layers. */
  readonly parts: readonly string[];
  /** By digest; all are checked. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Reads an OCI image layout with one image for one platform (image-spec 1.1, image-layout.md), small enough for memory. */
export function readOciArchive(bytes: Uint8Array, path: string): ArchivedImage {
  const bad = (reason: string, cause?: unknown) =>
    new HostContainersError("host-containers.bad-image", `Cannot read "${path}": ${reason}`, {
      cause,
    });
  const files = readTar(bytes);
  const json = (digest: string, data: Uint8Array | undefined): unknown => {
    try {
      return JSON.parse(Buffer.from(data ?? []).toString());
    } catch (cause) {
      throw bad(`"${digest}" is not JSON`, cause);
    }
  };
  const index = json("index.json", files.get("index.json"));
  const [target] = descriptors(index, "manifests");
  if (target === undefined) throw bad("it has no image");
  const blobs = new Map<string, Uint8Array>();
  const take = (digest: string): Uint8Array => {
    const data = files.get(`blobs/${digest.replace(":", "/")}`);
    if (data === undefined) throw bad(`it has no "${digest}"`);
    if (digest !== `sha256:${createHash("sha256").update(data).digest("hex")}`)
      throw bad(`"${digest}" has another content`);
    blobs.set(digest, data);
    return data;
  };
  const manifest = json(target.digest, take(target.digest));
  const parts = [...descriptors(manifest, "config"), ...descriptors(manifest, "layers")].map(
    ({ digest }) => digest,
  );
  parts.forEach(take);
  return { target, parts, blobs };
}

/** What a member of a document points to, be it one or several. */
function descriptors(document: unknown, member: string): OciDescriptor[] {
  if (!isRecord(document)) return [];
  const value = document[member];
  return (Array.isArray(value) ? value : [value]).filter(isDescriptor);
}

function isDescriptor(value: unknown): value is OciDescriptor {
  return (
    isRecord(value) &&
    typeof value["mediaType"] === "string" &&
    typeof value["digest"] === "string" &&
    typeof value["size"] === "number"
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The files of a ustar archive (POSIX.1-1988); names that need the prefix field do not occur. */
function readTar(bytes: Uint8Array): Map<string, Uint8Array> {
  const text = (from: number, to: number): string =>
    Buffer.from(bytes.subarray(from, to)).toString("latin1").replace(/\0.*$/s, "");
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  while (offset + BLOCK_BYTES <= bytes.length) {
    const name = text(offset, offset + NAME_BYTES);
    if (name === "") break;
    const size = Number.parseInt(text(offset + SIZE.from, offset + SIZE.to), 8) || 0;
    const start = offset + BLOCK_BYTES;
    files.set(name, bytes.subarray(start, start + size));
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}
