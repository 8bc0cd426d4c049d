import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@ballast/service";
import { program } from "./program.ts";

export const PASSPHRASE = "a passphrase of the tests";

/** A maintainer's folder, and the program as he calls it. */
export class Workshop implements AsyncDisposable {
  readonly folder: string;
  /** What the program has answered since the last run began. */
  output = "";

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workshop> {
    const shop = new Workshop(await mkdtemp(join(tmpdir(), "publisher-test-")));
    await writeFile(shop.at("passphrase"), `${PASSPHRASE}\n`);
    return shop;
  }

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get signing(): string[] {
    return ["--keys", this.at("keys"), "--passphrase-file", this.at("passphrase")];
  }

  async run(...args: string[]): Promise<string> {
    await this.start(args, new AbortController().signal);
    return this.output;
  }

  async start(args: readonly string[], signal: AbortSignal): Promise<void> {
    this.output = "";
    await program.run({
      args,
      env: {},
      stdout: async (text) => {
        this.output += text;
      },
      stderr: () => undefined,
      stdin: async () => "",
      isTerminal: false,
      log: createLog({ write: () => undefined, journal: false }),
      signal,
    });
  }

  init(): Promise<string> {
    return this.run("init", this.at("repo"), ...this.signing);
  }

  add(image: string, ...more: string[]): Promise<string> {
    return this.run("add", this.at("repo"), image, ...this.signing, ...more);
  }

  validate(where = this.at("repo"), ...more: string[]): Promise<string> {
    return this.run("validate", where, "--root", this.at("repo/metadata/1.root.json"), ...more);
  }

  /** What an image build leaves, small: blocks that tell the version only in one of them. */
  async buildImage(version: string, variant = "standalone"): Promise<string> {
    const name = `image-${variant}-${version}`;
    await mkdir(this.at(name));
    const files = [];
    for (const [file, count] of [
      ["uki.efi", 20],
      ["root.img", 400],
      ["hash.img", 4],
    ] as const) {
      const blocks = Array.from({ length: count }, (_, index) =>
        createHash("shake256", { outputLength: 4096 })
          .update(`${file} ${index} ${index === 7 || file === "hash.img" ? version : ""}`)
          .digest(),
      );
      const bytes = Buffer.concat(blocks);
      await writeFile(this.at(name, file), bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      files.push({ name: file, sha256, sizeBytes: bytes.length });
    }
    const rootHash = createHash("sha256").update(version).digest("hex");
    const image = { version, variant, arch: "x86_64", leastSelector: 2, rootHash, files };
    await writeFile(
      this.at(name, "manifest.json"),
      JSON.stringify({ ...image, more: "of the build" }),
    );
    return this.at(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
