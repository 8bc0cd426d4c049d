import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { serveFolder, type FolderServer } from "@ballast/tuf/repository";
import { REPOSITORY, runTool } from "@ballast/vm";

const PUBLISHER = join(REPOSITORY, "apps/publisher/src/main.ts");
const PASSPHRASE = "of a repository that nobody follows";

/** A repository of releases with keys of its own, made by the product's publisher and handed out on the loopback address. */
export class UpdateRepository implements AsyncDisposable {
  /** Of the repository's files. */
  readonly folder: string;
  /** Folder to be added to the root of an image that shall follow the repository. */
  readonly trust: string;
  readonly #signing: readonly string[];
  #server: FolderServer | undefined;
  #servedBytes = 0;

  private constructor(work: string) {
    this.folder = join(work, "repository");
    this.trust = join(work, "trust");
    const [keys, passphrase] = [join(work, "keys"), join(work, "passphrase")];
    this.#signing = ["--keys", keys, "--passphrase-file", passphrase];
  }

  /** `directory` is the caller's and outlives the repository. */
  static async start(directory: string): Promise<UpdateRepository> {
    const work = await mkdtemp(join(directory, "updates-"));
    await writeFile(join(work, "passphrase"), PASSPHRASE);
    const repository = new UpdateRepository(work);
    await repository.publisher("init", repository.folder);
    const place = join(repository.trust, "usr/share/ballast/updates");
    await mkdir(place, { recursive: true });
    await cp(join(repository.folder, "metadata/1.root.json"), join(place, "root.json"));
    await repository.serve();
    return repository;
  }

  get port(): number {
    if (this.#server === undefined) throw new Error("The repository is not served now");
    return Number(this.#server.url.port);
  }

  /** Bytes of all files that were asked for until now. */
  get servedBytes(): number {
    return this.#servedBytes;
  }

  /** Runs the publisher where something is signed; gives what it prints. */
  publisher(command: string, ...operands: readonly string[]): Promise<string> {
    return runTool(process.execPath, [PUBLISHER, command, ...operands, ...this.#signing]);
  }

  /** All of it in one file. */
  async bundle(file: string): Promise<void> {
    await runTool(process.execPath, [PUBLISHER, "bundle", this.folder, file]);
  }

  /** Publishes the parts of a slot for all machines at once. */
  add({ folder }: { readonly folder: string }): Promise<string> {
    return this.publisher("add", this.folder, folder, "--waves", "none");
  }

  /** On the port of before, if it was served already. */
  async serve(port = 0): Promise<void> {
    this.#server = await serveFolder(this.folder, {
      port,
      onAnswer: ({ sizeBytes }) => {
        this.#servedBytes += sizeBytes;
      },
    });
  }

  /** Ends all its connections. Gives the port that it had. */
  async stop(): Promise<number> {
    const { port } = this;
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
    return port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}
