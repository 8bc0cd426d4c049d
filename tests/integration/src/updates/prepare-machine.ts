import { chmod, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DATA_TYPE, PARTITION_TYPE, STATE_TYPE } from "@ballast/gpt";
import { UpdatesStatus } from "@ballast/model";
import { execa } from "execa";
import { inject } from "vitest";
import * as z from "zod";
import { NODE_FLAGS } from "../machine.ts";

const MIB = 1024 * 1024;
const { boot, root, hash } = PARTITION_TYPE;
const TYPES = ["ef00", boot, root, hash, boot, root, hash, STATE_TYPE, DATA_TYPE] as const;
/** Of the partitions of a slot, in MiB. */
const SIZES = { boot: 4, root: 32, hash: 1 } as const;
const NUMBERS = { A: { boot: 2, root: 3, hash: 4 }, B: { boot: 5, root: 6, hash: 7 } } as const;

type Slot = keyof typeof NUMBERS;
type Image = keyof typeof SIZES;
export type Images = Readonly<Record<Image, Buffer>>;

const SlotFlags = z.object({
  priority: z.int(),
  tries_left: z.int(),
  successful: z.boolean(),
  root_hash: z.string(),
});
const SignpostStatus = z.object({
  next: z.enum(["A", "B"]),
  slots: z.object({ A: SlotFlags, B: SlotFlags }),
});

export interface Ended {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** What was printed, JSON. */
  readonly answer: unknown;
  readonly stderr: string;
}

/**
 * A folder that stands for a machine that runs slot A: a disk with a real partition table that the real signpost changes, and each
 * partition's content in a file of its own.
 */
export class PrepareMachine {
  readonly #root: string;

  private constructor(folder: string) {
    this.#root = folder;
  }

  static async make(
    folder: string,
    running: { readonly version: string; readonly rootHash: string; readonly images: Images },
    repository: { readonly url: URL; readonly rootOfTrust: string },
  ): Promise<PrepareMachine> {
    const machine = new PrepareMachine(folder);
    await machine.#makeDisk();
    await machine.#put("usr/lib/os-release", osRelease(running.version));
    await machine.#put("usr/share/ballast/updates/root.json", repository.rootOfTrust);
    await machine.#put("proc/sys/kernel/random/boot_id", "first-boot\n");
    await machine.#put("run/ballast/updates/requests/.keep", "");
    await machine.#put("var/lib/ballast/updates/.keep", "");
    await machine.#put("tmp/.keep", "");
    await machine.#putSelector();
    await machine.configure({ metadata_url: new URL("metadata/", repository.url).href });
    await machine.#runs(running);
    return machine;
  }

  async configure(changes: object): Promise<void> {
    const path = this.#at("run/ballast/etc/update-agent.json");
    const before: unknown = await readFile(path, "utf8").then(JSON.parse, () => ({}));
    const config = {
      ...{ metadata_url: null, targets_url: null, seed: 0, version_lock: "latest" },
      ...{ ignore_waves: false, automatic: "off", window: null, jitter_minutes: 0 },
      ...{ max_bytes_per_second: null, reboot_inhibit_limit_minutes: 0 },
      ...(typeof before === "object" ? before : {}),
      ...changes,
    };
    await this.#put("run/ballast/etc/update-agent.json", JSON.stringify(config));
  }

  /** Runs a command of the update agent; a request lies there for it, as the API server leaves it. */
  async run(command: string, request?: object): Promise<Ended> {
    return (await this.start(command, request)).ended;
  }

  async start(command: string, request?: object) {
    if (request !== undefined)
      await this.#put(`run/ballast/updates/requests/${command}.json`, JSON.stringify(request));
    const args = [
      ...NODE_FLAGS,
      inject("updateAgentBundle"),
      command,
      "--json",
      "--root",
      this.#root,
    ];
    const child = execa(process.execPath, args, { reject: false, env: { NODE_OPTIONS: "" } });
    const ended = child.then(({ exitCode, signal, stdout, stderr }): Ended => {
      const answer: unknown = stdout === "" ? undefined : JSON.parse(stdout);
      return { exitCode, signal, answer, stderr };
    });
    return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
  }

  async statusFile(): Promise<UpdatesStatus> {
    const text = await readFile(this.#at("run/ballast/updates/status.json"), "utf8");
    return UpdatesStatus.parse(JSON.parse(text));
  }

  /** Slot B has exactly these images at the beginning of its partitions. */
  async holds(images: Images): Promise<boolean> {
    for (const name of ["boot", "root", "hash"] as const) {
      const bytes = await readFile(this.partition("B", name));
      if (!bytes.subarray(0, images[name].length).equals(images[name])) return false;
    }
    return true;
  }

  async table(): Promise<z.output<typeof SignpostStatus>> {
    return SignpostStatus.parse(JSON.parse(await this.#signpost("status")));
  }

  partition(slot: Slot, image: Image): string {
    return this.#at(`dev/vda${NUMBERS[slot][image]}`);
  }

  async #signpost(...args: string[]): Promise<string> {
    const { stdout } = await execa(this.#at("usr/bin/signpost"), [...args, "--json"]);
    return stdout;
  }

  async #makeDisk(): Promise<void> {
    const disk = this.#at("dev/vda");
    await this.#put("dev/vda", "");
    await truncate(disk, 16 * MIB);
    const parts = TYPES.flatMap((type, index) => [
      `-n${index + 1}:0:+1M`,
      `-t${index + 1}:${type}`,
    ]);
    // A is proven and preferred.
    const flags = ["-A2:set:49", "-A2:set:52", "-A2:set:53", "-A2:set:54", "-A2:set:56"];
    await execa("sgdisk", [...parts, ...flags, disk], {
      env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    for (const numbers of Object.values(NUMBERS))
      for (const name of ["boot", "root", "hash"] as const) {
        const sysfs = `sys/class/block/vda/vda${numbers[name]}`;
        await this.#put(`${sysfs}/partition`, `${numbers[name]}\n`);
        await this.#put(`${sysfs}/size`, `${(SIZES[name] * MIB) / 512}\n`);
        await this.#put(`dev/vda${numbers[name]}`, "");
        await truncate(this.#at(`dev/vda${numbers[name]}`), SIZES[name] * MIB);
      }
    // On the machine it knows disk and slot by itself.
    const signpost = [process.execPath, ...NODE_FLAGS, inject("signpostBundle")].join(" ");
    await this.#put(
      "usr/bin/signpost",
      `#!/bin/bash\nset -o pipefail\n${signpost} "$@" --device ${disk} --slot A | sed "s|${this.#root}||g"\n`,
    );
    await chmod(this.#at("usr/bin/signpost"), 0o755);
  }

  async #runs({
    rootHash,
    images,
  }: {
    readonly rootHash: string;
    readonly images: Images;
  }): Promise<void> {
    const uuid = (digits: string) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    await execa(
      "sgdisk",
      [
        `-u3:${uuid(rootHash.slice(0, 32))}`,
        `-u4:${uuid(rootHash.slice(32))}`,
        this.#at("dev/vda"),
      ],
      { env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` } },
    );
    await writeFile(this.#at("dev/dm-0"), images.root);
    for (const name of ["boot", "hash"] as const)
      await writeFile(this.partition("A", name), images[name]);
  }

  async #putSelector(): Promise<void> {
    const name = "LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
    const text = Buffer.from("ballast-selector 3\0", "utf16le");
    await this.#put(
      `sys/firmware/efi/efivars/${name}`,
      Buffer.concat([Buffer.of(6, 0, 0, 0), text]),
    );
  }

  async #put(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(this.#at(path)), { recursive: true });
    await writeFile(this.#at(path), content);
  }

  #at(path: string): string {
    return join(this.#root, path);
  }
}

function osRelease(version: string): string {
  return `NAME=Ballast\nVERSION_ID=${version}\nVARIANT_ID=standalone\nBUILD_ID=test\n`;
}
