import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  bootLimitMs,
  chooseAccelerator,
  type ConsoleLine,
  findFirmware,
  Machine,
  makeOverlay,
  makeVariableStore,
  SHUTDOWN_LIMIT_MS,
} from "@ballast/vm";
import { BenchError } from "./bench-error.ts";

/** One of the two systems that are booted beside each other: hardware and waiting are the same for both. */
export interface GuestSystem {
  readonly name: string;
  /** qcow2; never written to. */
  readonly disk: string;
  readonly userDataFile?: string;
  /** Console line after which the guest may be asked. */
  readonly up: RegExp;
  /** What happened when, on the guest's own clock; called when `up` has come. */
  ask(machine: Machine, up: ConsoleLine, secondsSincePowerOn: () => number): Promise<GuestClock>;
  /** Asks it to switch the machine off. */
  shutDown(machine: Machine): Promise<void>;
}

/** Seconds on the guest's monotonic clock, which starts with its kernel. */
export interface GuestClock {
  readonly systemd: number;
  readonly containerd: number;
  /** When the clock showed zero, in seconds since power-on. */
  readonly zeroAt: number;
  /** When the guest first answered a request from outside, in seconds since power-on. */
  readonly answeredAt?: number;
}

export interface BootTimes extends GuestClock {
  /** Seconds from power-on until the firmware starts the loader. */
  readonly firmware: number;
  /** Seconds from power-on to the line `up`. */
  readonly up: number;
}

/** OVMF says on the serial line what it starts. */
const FIRMWARE = /^BdsDxe: starting /;

const UUID = "6ba1ba11-a57e-4000-8000-00000000be9c";
const SHOWN_LINES = 20;
const CPUS = 2;
const MEMORY_MIB = 1024;

/** A disk that has booted once and was shut down: what is measured then are boots like all the later ones. */
export interface SettledDisk {
  readonly disk: string;
  readonly variableStore: string;
  readonly firstBoot: BootTimes;
}

export async function settleDisk(
  system: GuestSystem,
  directory: string,
  signal: AbortSignal,
): Promise<SettledDisk> {
  await mkdir(directory, { recursive: true });
  const disk = join(directory, "disk.qcow2");
  const variableStore = join(directory, "vars.qcow2");
  await makeOverlay(system.disk, disk);
  await makeVariableStore(findFirmware(), variableStore);
  await using machine = await switchOn(system, { disk, variableStore, directory });
  const firstBoot = await readTimes(system, machine, signal);
  await system.shutDown(machine);
  await machine.waitForEnd(SHUTDOWN_LIMIT_MS);
  return { disk, variableStore, firstBoot };
}

/** Boots a copy of the disk and cuts its power when all is known. */
export async function bootOnce(
  system: GuestSystem,
  settled: SettledDisk,
  directory: string,
  signal: AbortSignal,
): Promise<BootTimes> {
  await mkdir(directory, { recursive: true });
  const disk = join(directory, "disk.qcow2");
  const variableStore = join(directory, "vars.qcow2");
  await makeOverlay(settled.disk, disk);
  await copyFile(settled.variableStore, variableStore);
  await using machine = await switchOn(system, { disk, variableStore, directory });
  return await readTimes(system, machine, signal);
}

async function switchOn(
  system: GuestSystem,
  place: { readonly disk: string; readonly variableStore: string; readonly directory: string },
): Promise<Machine> {
  return Machine.start({
    name: `ballast-bench-${system.name.toLowerCase()}`,
    disk: place.disk,
    diskFormat: "qcow2",
    variableStore: place.variableStore,
    accelerator: await chooseAccelerator(),
    memoryMiB: MEMORY_MIB,
    cpus: CPUS,
    uuid: UUID,
    apiPort: 0,
    isIsolated: true,
    consoleFile: join(place.directory, "console.log"),
    ...(system.userDataFile === undefined ? {} : { userDataFile: system.userDataFile }),
  });
}

/** Only listens to the console until the system is ready: asking would take processor time from the boot. */
async function readTimes(
  system: GuestSystem,
  machine: Machine,
  signal: AbortSignal,
): Promise<BootTimes> {
  const timeoutMs = bootLimitMs(await chooseAccelerator());
  try {
    const up = await machine.console.waitFor(system.up, { timeoutMs, signal });
    // The line has just come, so this moment is its time on the console's clock.
    const powerOnMs = performance.now() - up.atMs;
    const firmware = await machine.console.waitFor(FIRMWARE, { timeoutMs, signal });
    const clock = await system.ask(machine, up, () => (performance.now() - powerOnMs) / 1000);
    return { ...clock, firmware: firmware.atMs / 1000, up: up.atMs / 1000 };
  } catch (cause) {
    signal.throwIfAborted();
    throw new BenchError("bench.boot", `Cannot measure a boot of ${system.name}`, {
      cause,
      hint: `The end of its console:\n${machine.console.tail(SHOWN_LINES)}`,
    });
  }
}
