import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { makeScratchDir } from "./scratch-dir.ts";

export type Accelerator = "kvm" | "tcg";

const PROBE_LIMIT_MS = 5_000;
/** isa-debug-exit ends QEMU with `value << 1 | 1`. */
const PROBE_VALUE = 0x2a;
const PROBE_EXIT_CODE = (PROBE_VALUE << 1) | 1;

let known: Promise<Accelerator> | undefined;

/**
 * KVM only if the processor says it can (`vmx` or `svm`) *and* a guest really runs: /dev/kvm can exist and open on
 * a machine that cannot run one. The answer is found once per process.
 */
export function chooseAccelerator(): Promise<Accelerator> {
  known ??= (async () => {
    const isCapable = hasVirtualization(await readFile("/proc/cpuinfo", "utf8"));
    return isCapable && (await runsProbeGuest("kvm")) ? "kvm" : "tcg";
  })();
  return known;
}

/** Whether /proc/cpuinfo names Intel's or AMD's virtualization among the flags. */
export function hasVirtualization(cpuinfo: string): boolean {
  return /^flags\s*:.*\b(?:vmx|svm)\b/m.test(cpuinfo);
}

/** Boots a guest of one sector that ends QEMU through a debug port. */
export async function runsProbeGuest(accelerator: Accelerator): Promise<boolean> {
  using scratch = makeScratchDir();
  const disk = join(scratch.path, "probe.raw");
  writeFileSync(disk, probeSector());
  const { exitCode } = await execa(
    "qemu-system-x86_64",
    [
      "-machine",
      "pc",
      "-nodefaults",
      "-no-user-config",
      "-display",
      "none",
      "-m",
      "16",
      ...acceleratorArguments(accelerator),
      "-device",
      "isa-debug-exit,iobase=0xf4,iosize=1",
      "-drive",
      `file=${disk},format=raw,if=ide,readonly=off`,
    ],
    { timeout: PROBE_LIMIT_MS, forceKillAfterDelay: 500, reject: false, stdin: "ignore" },
  );
  return exitCode === PROBE_EXIT_CODE;
}

/**
 * How many processors a guest gets unless told. Emulated, a second one may execute what was at a place before the kernel,
 * which patches its own code while it runs, put other instructions there: now and then a boot ended in "Oops: int3".
 */
export function usualProcessors(accelerator: Accelerator): number {
  return accelerator === "kvm" ? Math.min(2, availableParallelism()) : 1;
}

/** The arguments that choose processor and accelerator. */
export function acceleratorArguments(accelerator: Accelerator): string[] {
  return accelerator === "kvm"
    ? ["-accel", "kvm", "-cpu", "host"]
    : ["-accel", "tcg,thread=multi", "-cpu", "max"];
}

/** `mov al, VALUE; out 0xf4, al; hlt`, then the signature of a boot sector. */
function probeSector(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([0xb0, PROBE_VALUE, 0xe6, 0xf4, 0xf4], 0);
  sector.set([0x55, 0xaa], 510);
  return sector;
}
