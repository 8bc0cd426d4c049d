import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

const PUBLISHER = join(import.meta.dirname, "../../../../apps/publisher/src/main.ts");
const BLOCK_BYTES = 4096;
/** Blocks of each image. One of them tells the version, so that nearly all is the same from one release to the next. */
const BLOCKS = { "uki.efi": 20, "root.img": 200, "hash.img": 4 } as const;

export const VARIANT = "standalone";
export const ARCH = process.arch === "arm64" ? "aarch64" : "x86_64";

/** The root hash of a release of these tests. */
export function rootHashOf(version: string): string {
  return createHash("sha256").update(`root of ${version}`).digest("hex");
}

/** What one image of a release consists of. */
export function imageOf(version: string, file: keyof typeof BLOCKS): Buffer {
  const blocks = Array.from({ length: BLOCKS[file] }, (_, index) =>
    createHash("shake256", { outputLength: BLOCK_BYTES })
      .update(`${file} ${index} ${index === 3 ? version : ""}`)
      .digest(),
  );
  return Buffer.concat(blocks);
}

/** A repository that the real publisher makes in a folder. */
export class PublishedRepository {
  readonly folder: string;
  readonly #work: string;

  private constructor(work: string) {
    this.#work = work;
    this.folder = join(work, "repository");
  }

  static async init(work: string): Promise<PublishedRepository> {
    const repository = new PublishedRepository(work);
    await writeFile(join(work, "passphrase"), "of the tests\n");
    await repository.#publisher("init", repository.folder);
    return repository;
  }

  async add(version: string, ...more: readonly string[]): Promise<void> {
    await this.#publisher("add", this.folder, await this.#build(version), ...more);
  }

  async setMaxVersion(version: string): Promise<void> {
    await this.#publisher("set-max-version", this.folder, version);
  }

  /** The first root of trust, as an image has it. */
  rootOfTrust(): Promise<string> {
    return readFile(join(this.folder, "metadata/1.root.json"), "utf8");
  }

  async #publisher(command: string, ...args: readonly string[]): Promise<void> {
    const signing = ["--keys", join(this.#work, "keys"), "--passphrase-file"];
    await execa(process.execPath, [
      ...[PUBLISHER, command, ...args],
      ...[...signing, join(this.#work, "passphrase")],
    ]);
  }

  /** What an image build leaves. */
  async #build(version: string): Promise<string> {
    const folder = join(this.#work, `image-${version}`);
    await mkdir(folder, { recursive: true });
    const files = [];
    for (const file of ["uki.efi", "root.img", "hash.img"] as const) {
      const bytes = imageOf(version, file);
      await writeFile(join(folder, file), bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      files.push({ name: file, sha256, sizeBytes: bytes.length });
    }
    const manifest = { version, variant: VARIANT, arch: ARCH, leastSelector: 2, files };
    await writeFile(
      join(folder, "manifest.json"),
      JSON.stringify({ ...manifest, rootHash: rootHashOf(version) }),
    );
    return folder;
  }
}
