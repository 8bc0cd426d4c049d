import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createContext } from "@ballast/harness";
import { findProductImage } from "../product-image.ts";
import { LabNamespaces } from "./lab-namespaces.ts";
import type { LabProgram } from "./lab-program.ts";
import { buildProbe } from "./probe-image.ts";

const SOCKET = "run/containerd/containerd.sock";
const START_LIMIT_MS = 30_000;

export interface LabFile {
  /** Below `/run/ballast/etc`. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/**
 * The image's root with its containerd, runc and CNI plugins, run by the machine that tests in namespaces of its own:
 * real containers in a second instead of a boot. What a boot would add is not there: systemd, the image's own kernel.
 */
export class ContainersLab implements AsyncDisposable {
  readonly namespaces: LabNamespaces;
  /** containerd's socket, as the machine sees it. */
  readonly socketPath: string;
  /** Compiled; the machine's path. */
  readonly probe: string;
  readonly #directory: string;
  #containerd: LabProgram | undefined;

  private constructor(directory: string, namespaces: LabNamespaces, probe: string) {
    this.#directory = directory;
    this.namespaces = namespaces;
    this.probe = probe;
    this.socketPath = join(directory, SOCKET);
  }

  /** Makes the lab; containerd is started by {@link startContainerd}, once its files are there. With a size it has a disk of its own. */
  static async create(diskBytes?: number): Promise<ContainersLab> {
    const directory = await mkdtemp(join(tmpdir(), "ballast-lab-"));
    try {
      const root = join(directory, "root");
      await unpackRoot(root);
      await mkdir(join(directory, "run/systemd/resolve"), { recursive: true });
      await writeFile(join(directory, "run/systemd/resolve/stub-resolv.conf"), "");
      for (const path of ["var/lib/containerd", "var/log", "var/tmp"])
        await mkdir(join(directory, path), { recursive: true });
      const probe = await buildProbe(directory);
      await copyFile(probe, join(directory, "var/probe"));
      const namespaces = await LabNamespaces.start(root, directory, diskBytes);
      return new ContainersLab(directory, namespaces, probe);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** A path below the lab's `/run` or `/var`, as the machine sees it. */
  path(inLab: string): string {
    return join(this.#directory, inLab);
  }

  /** What containerd has logged since it was started. */
  get log(): string {
    return this.#containerd?.output() ?? "";
  }

  /** Puts files where the API server renders them. */
  async writeFiles(files: readonly LabFile[]): Promise<void> {
    for (const { path, mode, text } of files) {
      const file = this.path(`run/ballast/etc/${path}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode });
    }
  }

  async startContainerd(): Promise<void> {
    // A file that an ended containerd left would be taken for one that listens.
    await rm(this.socketPath, { force: true });
    this.#containerd = this.namespaces.start(["/usr/bin/containerd"]);
    await this.#containerd.waitFor("successfully booted", START_LIMIT_MS);
  }

  /** Ends containerd as its unit does, or as a crash does; its containers go on. */
  async stopContainerd(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    await this.#containerd?.end(signal);
  }

  /**
   * Brings an OCI archive into containerd as `ctr` does, for the images that tests need before anything else. `baseName`
   * completes the names of images that the archive knows by their tags only.
   */
  async importImage(archive: string, baseName?: string): Promise<void> {
    const base = baseName === undefined ? [] : ["--base-name", baseName];
    await copyFile(archive, this.path("var/import.tar"));
    const command = ["ctr", "-n", "k8s.io", "images", "import", ...base, "/var/import.tar"];
    await this.namespaces.run(command);
  }

  /** The body that a server answers inside the lab's network. */
  ask(address: string, port: number): Promise<string> {
    return this.namespaces.run(["/var/probe", "ask", address, String(port)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.namespaces[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** The tree of the image that was built last, unpacked by the build root's own tool. */
async function unpackRoot(target: string): Promise<void> {
  const directory = dirname(findProductImage().disk);
  await mkdir(target);
  const context = await createContext(directory, process.env, dirname(target));
  const unpack = ["fsck.erofs", "--extract=/out/root", "--overwrite", "--no-preserve-owner"];
  await context.run([...unpack, "/src/root.img"], {
    readOnly: { "/src": directory },
    writable: { "/out": dirname(target) },
  });
}
