import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UpdatesStatus } from "@ballast/model";
import { execa } from "execa";
import * as z from "zod";
import { NODE_FLAGS } from "../machine.ts";
import { imageOf, rootHashOf, VARIANT } from "./publish.ts";
import { BOOT, SlotDisk, type Flags } from "./slot-disk.ts";

const APPS = join(import.meta.dirname, "../../../../apps");
const AGENT = join(APPS, "update-agent/dist/update-agent.cjs");
const SIGNPOST = join(APPS, "signpost/dist/signpost.cjs");
const MIGRATOR = join(APPS, "migrator/dist/migrator.cjs");
const LOADER_INFO = "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
const STATUS = "run/ballast/updates/status.json";
const PARTITION_BYTES = 1024 * 1024;
const FILES = { boot: "uki.efi", root: "root.img", hash: "hash.img" } as const;

const SignpostStatus = z.object({
  active: z.enum(["A", "B"]),
  next: z.enum(["A", "B"]),
  slots: z.record(
    z.enum(["A", "B"]),
    z.object({
      priority: z.int(),
      tries_left: z.int(),
      successful: z.boolean(),
      root_hash: z.string(),
    }),
  ),
});

export interface Answer {
  readonly exitCode: number | undefined;
  readonly json: unknown;
  readonly stderr: string;
}

/** What every config of these tests has unless told. */
export function agentConfig(changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    ...{ metadata_url: null, targets_url: null, seed: 7, version_lock: "latest" },
    ...{ ignore_waves: false, automatic: "off", window: null, jitter_minutes: 0 },
    ...{ max_bytes_per_second: null, reboot_inhibit_limit_minutes: 0, ...changes },
  });
}

/**
 * A temporary root with what the update agent looks at: the real signpost on the real table of a disk image, partitions as files, and
 * boots as the selector would do them.
 */
export class UpdateMachine implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "ballast-updates-"));
  readonly disk = new SlotDisk(join(this.root, "disk.img"));
  #boots = 0;

  /** Runs this release from slot A; B was never written. */
  static async install(
    version: string,
    {
      trust,
      config,
    }: {
      readonly trust?: string | undefined;
      readonly config?: string | undefined;
    } = {},
  ): Promise<UpdateMachine> {
    const machine = new UpdateMachine();
    await machine.disk.create(rootHashOf(version));
    machine.write("usr/bin/signpost", stand(machine.root), 0o755);
    machine.write("usr/bin/migrator", settingsOf(machine.root), 0o755);
    machine.write(LOADER_INFO, Buffer.from("  ballast-selector 3\0", "utf16le"));
    for (const number of [2, 3, 4, 5, 6, 7]) {
      const folder = `sys/class/block/vda/vda${number}`;
      machine.write(`${folder}/partition`, `${number}\n`);
      machine.write(`${folder}/size`, `${PARTITION_BYTES / 512}\n`);
      machine.write(`dev/vda${number}`, Buffer.alloc(PARTITION_BYTES));
    }
    if (trust !== undefined) machine.write("usr/share/ballast/updates/root.json", trust);
    if (config !== undefined) machine.write("run/ballast/etc/update-agent.json", config);
    machine.fill("A", version);
    machine.write("dev/dm-0", imageOf(version, "root.img"));
    machine.#start("A", version);
    return machine;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content, { mode });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** The images of a release in the partitions of a slot, as somebody wrote them. */
  fill(slot: "A" | "B", version: string): void {
    for (const [index, kind] of (["boot", "root", "hash"] as const).entries()) {
      const whole = Buffer.alloc(PARTITION_BYTES);
      imageOf(version, FILES[kind]).copy(whole);
      this.write(`dev/vda${BOOT[slot] + index}`, whole);
    }
  }

  request(command: string, request: unknown): void {
    this.write(`run/ballast/updates/requests/${command}.json`, JSON.stringify(request));
  }

  /** Starts the bundle as the sealed executable does. */
  spawn(command: string, env: Readonly<Record<string, string>> = {}) {
    const args = [...NODE_FLAGS, AGENT, command, "--json", "--root", this.root];
    return execa(process.execPath, args, { reject: false, env });
  }

  async run(command: string, env: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { exitCode, stdout, stderr } = await this.spawn(command, env);
    return { exitCode, json: stdout === "" ? undefined : JSON.parse(stdout), stderr };
  }

  /** Runs a command that must succeed; its answer is the file of the status too. */
  async status(command: string): Promise<UpdatesStatus> {
    const { exitCode, json, stderr } = await this.run(command);
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stderr}`);
    const status = UpdatesStatus.parse(json);
    const file: unknown = JSON.parse(this.read(STATUS));
    if (!isDeepStrictEqual(file, status)) throw new Error("Another status is told");
    return status;
  }

  async signpost(...args: readonly string[]): Promise<z.output<typeof SignpostStatus>> {
    await execa(join(this.root, "usr/bin/signpost"), [...args, "--json"]);
    const { stdout } = await execa(join(this.root, "usr/bin/signpost"), ["status", "--json"]);
    return SignpostStatus.parse(JSON.parse(stdout));
  }

  /** Writes a release to the other slot as `prepare` leaves it, without what it knows. */
  async stage(version: string): Promise<void> {
    const { active } = await this.signpost("clear-inactive");
    this.fill(active === "A" ? "B" : "A", version);
    await this.signpost("set-slot-uuids", "--root-hash", rootHashOf(version));
    await this.signpost("mark-inactive-valid");
  }

  /** Restarts as the selector does: the next slot, one try less. Gives the slot and which release it holds. */
  async boot(versions: readonly string[]): Promise<{ slot: "A" | "B"; version: string }> {
    const { next, slots } = await this.signpost("status");
    const { priority, tries_left: tries, successful, root_hash: hash } = slots[next];
    const flags: Flags = { priority, triesLeft: Math.max(0, tries - 1), successful };
    await this.disk.setFlags(next, flags);
    const version = versions.find((one) => rootHashOf(one) === hash);
    if (version === undefined) throw new Error(`Slot ${next} holds no known release`);
    rmSync(join(this.root, "run/ballast/updates"), { recursive: true, force: true });
    this.#start(next, version);
    return { slot: next, version };
  }

  #start(slot: "A" | "B", version: string): void {
    this.#boots += 1;
    this.write("active-slot", slot);
    this.write("proc/sys/kernel/random/boot_id", `boot-${this.#boots}\n`);
    this.write(
      "usr/lib/os-release",
      `VERSION_ID=${version}\nVARIANT_ID=${VARIANT}\nBALLAST_BUILT_AFTER=2026-01-01T00:00:00Z\n`,
    );
  }
}

/** The machine's own migrator begins at the root. */
function settingsOf(root: string): string {
  return `#!/bin/sh
exec ${process.execPath} ${NODE_FLAGS.join(" ")} ${MIGRATOR} "$@" --root ${root}
`;
}

/** The machine's own signpost finds its disk; this one is told. */
function stand(root: string): string {
  const flags = NODE_FLAGS.join(" ");
  return `#!/bin/sh
slot=$(cat ${root}/active-slot)
answer=$(${process.execPath} ${flags} ${SIGNPOST} "$@" --device ${root}/disk.img --slot "$slot")
code=$?
printf '%s\\n' "$answer" | sed 's|${root}/disk.img|/dev/vda|'
exit $code
`;
}
