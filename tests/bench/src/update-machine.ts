import { chmod, mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SlotParts } from "@ballast/harness";
import { execa } from "execa";
import { BenchError } from "./bench-error.ts";

const SLOTS = { A: { boot: 2, root: 3, hash: 4 }, B: { boot: 5, root: 6, hash: 7 } } as const;
const PARTITION_BYTES = 256 * 1024 * 1024;
/** Often enough for a peak that stays in the kernel's books until the process ends. */
const LOOK_EVERY_MS = 20;

export interface Prepared {
  readonly seconds: number;
  /** Of these, from the moment when the slot is given up until it is valid. */
  readonly writeSeconds: number;
  readonly fetchedBytes: number;
  /** VmHWM: the most that was ever resident, the executable's pages among it. */
  readonly peakBytes: number;
}

/**
 * A folder that stands for a machine with two slots, for `update-agent prepare --root`. What it would ask signpost is answered by a script:
 * the partition table is not what is measured.
 */
export class UpdateMachine {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** `running`: what slot A has; without it the machine has nothing of any release. */
  static async make(
    root: string,
    { rootOfTrust, url }: { readonly rootOfTrust: string; readonly url: URL },
    running?: SlotParts,
  ): Promise<UpdateMachine> {
    const machine = new UpdateMachine(root);
    const config = {
      ...{ metadata_url: new URL("metadata/", url).href, targets_url: null, seed: 0 },
      ...{ version_lock: "latest", ignore_waves: false, automatic: "off", window: null },
      ...{ jitter_minutes: 0, max_bytes_per_second: null, reboot_inhibit_limit_minutes: 0 },
    };
    await machine.#put("run/ballast/etc/update-agent.json", JSON.stringify(config));
    await machine.#put("usr/lib/os-release", "VERSION_ID=0.0.1\nVARIANT_ID=standalone\n");
    await machine.#put("usr/share/ballast/updates/root.json", rootOfTrust);
    await machine.#put("proc/sys/kernel/random/boot_id", "of the measurement\n");
    const info = Buffer.concat([Buffer.alloc(4), Buffer.from("ballast-selector 9\0", "utf16le")]);
    const vendor = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
    await machine.#put(`sys/firmware/efi/efivars/LoaderInfo-${vendor}`, info);
    for (const folder of ["run/ballast/updates/requests", "var/lib/ballast/updates", "tmp"])
      await mkdir(join(root, folder), { recursive: true });
    await machine.#putSignpost(running?.rootHash ?? "0".repeat(64));
    for (const numbers of Object.values(SLOTS))
      for (const number of Object.values(numbers)) {
        const folder = `sys/class/block/vda/vda${number}`;
        await machine.#put(`${folder}/partition`, `${number}\n`);
        await machine.#put(`${folder}/size`, `${PARTITION_BYTES / 512}\n`);
      }
    if (running !== undefined) {
      await mkdir(join(root, "dev"));
      await symlink(running.root, join(root, "dev/dm-0"));
      await symlink(running.hash, machine.partition("A", "hash"));
      await symlink(running.uki, machine.partition("A", "boot"));
    }
    return machine;
  }

  partition(slot: keyof typeof SLOTS, image: keyof (typeof SLOTS)["A"]): string {
    return join(this.root, `dev/vda${SLOTS[slot][image]}`);
  }

  /** Slot B without anything in it. */
  async empty(): Promise<void> {
    for (const image of ["boot", "root", "hash"] as const) {
      const path = this.partition("B", image);
      await rm(path, { force: true });
      await this.#put(`dev/vda${SLOTS.B[image]}`, "");
      await truncate(path, PARTITION_BYTES);
    }
  }

  async prepare(program: string, version: string, signal: AbortSignal): Promise<Prepared> {
    await this.#put("run/ballast/updates/requests/prepare.json", JSON.stringify({ version }));
    const startedMs = performance.now();
    const child = execa(program, ["prepare", "--json", "--root", this.root], {
      cancelSignal: signal,
      reject: false,
      stdout: "ignore",
    });
    let peakBytes = 0;
    const look = setInterval(() => {
      readFile(`/proc/${child.pid}/status`, "utf8").then(
        (text) => {
          const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0;
          peakBytes = Math.max(peakBytes, Number(kibibytes) * 1024);
        },
        // It has ended.
        () => undefined,
      );
    }, LOOK_EVERY_MS);
    const { exitCode, stderr } = await child;
    clearInterval(look);
    const seconds = (performance.now() - startedMs) / 1000;
    const [, fetched, ms] =
      /Update is written .*fetched_bytes=(\d+) milliseconds=(\d+)/.exec(stderr) ?? [];
    if (exitCode !== 0 || fetched === undefined || ms === undefined)
      throw new BenchError("bench.tool", `Cannot measure an update: ${stderr}`);
    return {
      ...{ seconds, peakBytes },
      writeSeconds: Number(ms) / 1000,
      fetchedBytes: Number(fetched),
    };
  }

  async #putSignpost(rootHash: string): Promise<void> {
    const slot = (name: keyof typeof SLOTS, isGood: boolean, hash: string) => ({
      partitions: SLOTS[name],
      ...{ priority: isGood ? 2 : 0, tries_left: isGood ? 7 : 0 },
      ...{ successful: isGood, qualifies: isGood, root_hash: hash },
    });
    const status = {
      ...{ disk: "/dev/vda", active: "A", conflict: null },
      slots: { A: slot("A", true, rootHash), B: slot("B", false, "b".repeat(64)) },
    };
    const script = `#!/bin/sh\ncase $1 in status) echo '${JSON.stringify(status)}' ;; *) echo '{}' ;; esac\n`;
    await this.#put("usr/bin/signpost", script);
    await chmod(join(this.root, "usr/bin/signpost"), 0o755);
  }

  async #put(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
  }
}
