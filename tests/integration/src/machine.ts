import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { inject } from "vitest";
import { serveContainerd } from "./containerd.ts";
import { httpCall, type Reply, type Sent } from "./http-call.ts";
import { ROOT_HASH, slotStatus } from "./slot-status.ts";

/** The flags under which the sealed executable runs the bundle. */
export const NODE_FLAGS = [
  "--jitless",
  "--disable-sigusr1",
  "--disallow-code-generation-from-strings",
  "--optimize-for-size",
];

const FIXTURES = join(import.meta.dirname, "fixtures");

const FILES = {
  "usr/lib/os-release":
    'PRETTY_NAME="Ballast 1.2.3"\nVERSION_ID=1.2.3\nVARIANT_ID=test\nBUILD_ID=b1\n',
  "proc/cmdline": `dm-mod.create="root,,,ro,0 8 verity 1 a b 4096 4096 1 1 sha256 ${ROOT_HASH} aa" quiet\n`,
  "proc/sys/kernel/random/boot_id": "00000000-0000-0000-0000-000000000001\n",
  "sys/block/dm-0/slaves/vda3/uevent": "DEVNAME=vda3\nPARTN=3\nPARTNAME=BALLAST-ROOT-A\n",
  "sys/block/dm-0/slaves/vda4/uevent": "DEVNAME=vda4\nPARTN=4\nPARTNAME=BALLAST-HASH-A\n",
  "dev/console": "",
  "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
  "usr/lib/ballast/ca-certificates.crt": "",
  "usr/lib/ballast/essential-units":
    "# As the image has it.\nnetwork.service\ncontainerd.service\n",
  "units.json": unitsJson({ "containerd.service": "active", "network.service": "active" }),
  "signpost/status.json": JSON.stringify(slotStatus({})),
} as const;

/** What `systemctl list-units` tells. */
export function unitsJson(states: Readonly<Record<string, string>>): string {
  const units = Object.entries(states).map(([unit, active]) => ({
    unit,
    load: "loaded",
    active,
    sub: "x",
    description: "",
  }));
  return JSON.stringify(units);
}

/** Runs a bundle as the sealed executable does. */
function spawnProgram(
  bundle: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  return execa(process.execPath, [...NODE_FLAGS, bundle, ...args], { reject: false, env });
}

type Child = ReturnType<typeof spawnProgram>;

/** A temporary root with everything that the apiserver looks at, and the real programs on it. */
export class Machine implements AsyncDisposable {
  readonly root: string;
  readonly socket: string;
  #server: Child | undefined;
  #configure: Child | undefined;
  readonly #containerd: ReturnType<typeof serveContainerd>;
  /** What the server has logged since it was last started. */
  log = "";

  /** Of a root that is there already everything stays that it has. */
  constructor(
    files: Readonly<Record<string, string>> = {},
    root = mkdtempSync(join(tmpdir(), "ballast-machine-")),
  ) {
    this.root = root;
    this.socket = join(root, "run/ballast/api.sock");
    this.#containerd = serveContainerd(join(root, "run/containerd/containerd.sock"));
    mkdirSync(dirname(this.socket), { recursive: true });
    for (const [path, text] of Object.entries({ ...FILES, ...files }))
      if (!this.has(path)) this.write(path, text);
    mkdirSync(join(this.root, "usr/bin"), { recursive: true });
    for (const name of ["systemctl", "journalctl", "networkctl", "udevadm"])
      cpSync(join(FIXTURES, name), join(this.root, "usr/bin", name));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  /** Starts `apiserver serve` and waits until it answers. */
  async start(): Promise<void> {
    this.log = "";
    const child = this.spawn(["serve", "--root", this.root]);
    child.stderr.on("data", (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    this.#server = child;
    await this.until(() => this.log.includes("API is served"));
  }

  spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
    return spawnProgram(inject("bundle"), args, env);
  }

  /** Starts `apiclient` on this machine. */
  client(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
    return spawnProgram(inject("clientBundle"), args, { BALLAST_SOCKET: this.socket, ...env });
  }

  /** What migrator.service does before the server starts; resolves with its exit code. */
  migrate(): Promise<number | undefined> {
    return this.migrator("run");
  }

  async migrator(...args: readonly string[]): Promise<number | undefined> {
    const bundle = inject("migratorBundle");
    const result = await spawnProgram(bundle, [...args, "--root", this.root]);
    this.log += result.stderr;
    return result.exitCode;
  }

  /** Ends the server; answers its exit code, undefined if the signal ended it. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | undefined> {
    this.#server?.kill(signal);
    const result = await this.#server;
    this.#server = undefined;
    return result?.exitCode;
  }

  /** Starts `apiserver configure`; resolves with its exit code. */
  async configure(
    more: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<number | undefined> {
    this.#configure = this.spawn([...this.configureArgs(), ...more], env);
    const result = await this.#configure;
    return result.exitCode;
  }

  configureArgs(): string[] {
    return ["configure", "--root", this.root, "--socket", this.socket, "--retry-seconds", "0.2"];
  }

  call(method: string, path: string, sent: Sent = {}): Promise<Reply> {
    return httpCall({ socketPath: this.socket }, method, path, sent);
  }

  /** PATCH and commit_and_apply in the transaction `default`. */
  async set(settings: unknown): Promise<Reply> {
    const patch = await this.call("PATCH", "/settings", { body: settings });
    return patch.status === 204 ? this.call("POST", "/tx/commit_and_apply") : patch;
  }

  /** Its unit goes on to be active. */
  stopContainerd(): void {
    this.#containerd.close();
  }

  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await condition()) return;
      await delay(50);
    }
    throw new Error(`Waited 10 s in vain; the server's log:\n${this.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#configure?.kill("SIGTERM");
    await this.#configure;
    await this.stop("SIGKILL");
    this.#containerd.close();
    // A program that the server has started may still write.
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A machine whose server runs. */
export async function startMachine(files: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const machine = new Machine(files);
  try {
    await machine.start();
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}
