import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { HostContainersError } from "../errors.ts";
import { normalReference } from "./reference.ts";
import { indexTar, type TarFile } from "./tar-index.ts";

/** Documents are small; layers are never held. */
const DOCUMENT_MAX_BYTES = 4 * 1024 * 1024;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const CONTAINERD_NAME = "io.containerd.image.name";
const OCI_NAME = "org.opencontainers.image.ref.name";
/** An index may hold indexes. */
const MAX_DEPTH = 3;

export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image of an archive: its manifest, and what belongs to it, in the order of the manifest: the configuration, then the layers. */
export interface ArchivedImage {
  readonly target: OciDescriptor;
  readonly parts: readonly OciDescriptor[];
}

/** An archive of an OCI image layout (image-spec 1.1, image-layout.md), read piece by piece. */
export class OciArchive implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #files: ReadonlyMap<string, TarFile>;

  private constructor(handle: FileHandle, path: string, files: ReadonlyMap<string, TarFile>) {
    this.#handle = handle;
    this.#path = path;
    this.#files = files;
  }

  static async open(path: string): Promise<OciArchive> {
    const handle = await open(path);
    try {
      return new OciArchive(handle, path, await indexTar(handle));
    } catch (error) {
      await handle.close();
      throw bad(path, error instanceof Error ? error.message : String(error));
    }
  }

  /** The references that it has images for. */
  async references(): Promise<string[]> {
    return (await this.#named()).map(([name]) => name);
  }

  /** The image of a reference, for this machine's processor. */
  async image(reference: string): Promise<ArchivedImage> {
    const [, found] = (await this.#named()).find(([name]) => name === reference) ?? [];
    if (found === undefined) throw bad(this.#path, `it has no image "${reference}"`);
    return this.#resolve(found, MAX_DEPTH);
  }

  /** The bytes of a part, piece by piece. */
  async *read(part: OciDescriptor): AsyncGenerator<Buffer> {
    const { offset, sizeBytes } = this.#find(part);
    const piece = 1024 * 1024;
    for (let from = 0; from < sizeBytes; from += piece) {
      const buffer = Buffer.alloc(Math.min(piece, sizeBytes - from));
      await this.#handle.read(buffer, 0, buffer.length, offset + from);
      yield buffer;
    }
  }

  async #named(): Promise<[string, OciDescriptor][]> {
    const file = this.#files.get("index.json");
    if (file === undefined)
      throw bad(this.#path, 'it has no "index.json": it is no OCI image layout');
    const manifests = listOf(await this.#document("index.json", file), "manifests");
    return manifests
      .flatMap((one) => {
        const name = annotation(one, CONTAINERD_NAME) ?? annotation(one, OCI_NAME);
        return name !== undefined && isDescriptor(one)
          ? [[normalReference(name), one] as const]
          : [];
      })
      .map(([name, one]) => [name, one]);
  }

  async #resolve(descriptor: OciDescriptor, depth: number): Promise<ArchivedImage> {
    const document = await this.#checked(descriptor);
    const manifests = listOf(document, "manifests");
    if (manifests.length === 0) {
      const parts = [member(document, "config"), ...listOf(document, "layers")].filter(
        isDescriptor,
      );
      parts.forEach((part) => this.#find(part));
      return { target: descriptor, parts };
    }
    const ours = manifests.filter(isDescriptor).find(isForThisMachine);
    if (ours === undefined || depth === 0)
      throw bad(this.#path, "it has no image for this processor (linux/amd64)");
    return this.#resolve(ours, depth - 1);
  }

  async #checked(descriptor: OciDescriptor): Promise<unknown> {
    const file = this.#find(descriptor);
    const text = await this.#text(descriptor.digest, file);
    if (descriptor.digest !== `sha256:${createHash("sha256").update(text).digest("hex")}`)
      throw bad(this.#path, `"${descriptor.digest}" has another content`);
    return this.#parse(descriptor.digest, text);
  }

  #find({ digest, size }: OciDescriptor): TarFile {
    const file = this.#files.get(`blobs/${digest.replace(":", "/")}`);
    if (file === undefined) throw bad(this.#path, `it has no "${digest}"`);
    if (file.sizeBytes === size) return file;
    throw bad(this.#path, `"${digest}" has ${file.sizeBytes} bytes, must have ${size}`);
  }

  async #document(name: string, file: TarFile): Promise<unknown> {
    return this.#parse(name, await this.#text(name, file));
  }

  async #text(name: string, { offset, sizeBytes }: TarFile): Promise<Buffer> {
    if (sizeBytes > DOCUMENT_MAX_BYTES)
      throw bad(this.#path, `"${name}" has more than ${DOCUMENT_MAX_BYTES} bytes`);
    const buffer = Buffer.alloc(sizeBytes);
    await this.#handle.read(buffer, 0, sizeBytes, offset);
    return buffer;
  }

  #parse(name: string, text: Buffer): unknown {
    try {
      return JSON.parse(text.toString());
    } catch (cause) {
      throw bad(this.#path, `"${name}" is not JSON`, cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

function bad(path: string, reason: string, cause?: unknown): HostContainersError {
  const message = `Cannot read "${path}": ${reason}`;
  return new HostContainersError("host-containers.bad-image", message, { cause });
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function listOf(document: unknown, name: string): readonly unknown[] {
  const value = member(document, name);
  return Array.isArray(value) ? value : [];
}

function annotation(value: unknown, name: string): string | undefined {
  const text = member(member(value, "annotations"), name);
  return typeof text === "string" ? text : undefined;
}

/** One that does not say for which is taken for ours. */
function isForThisMachine(descriptor: unknown): boolean {
  const platform = member(descriptor, "platform");
  if (platform === undefined) return true;
  return member(platform, "os") === "linux" && member(platform, "architecture") === "amd64";
}

function isDescriptor(value: unknown): value is OciDescriptor {
  return (
    isRecord(value) &&
    typeof value["mediaType"] === "string" &&
    typeof value["digest"] === "string" &&
    DIGEST.test(value["digest"]) &&
    typeof value["size"] === "number"
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
