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

/** One of the two systems that are booted beside each other: hardware and waiting are the same for both. */
export interface GuestSystem {
  readonly name: string;
  /** qcow2; never written to. */
  readonly disk: string;
  readonly userDataFile?: string;
  /** Console line that tells that the system is up to its job. */
  readonly ready: RegExp;
  /** What only this system can tell, after `ready`: seconds by name. */
  ask(
    machine: Machine,
    secondsSincePowerOn: () => number,
  ): Promise<Readonly<Record<string, number>>>;
  /** Asks it to switch the machine off. */
  shutDown(machine: Machine): Promise<void>;
}

/** Seconds since power-on, by what happened. */
export interface BootTimes {
  /** The firmware starts the loader. */
  readonly firmware: number;
  /** systemd greets. */
  readonly welcome: number;
  readonly containerd: number;
  readonly ready: number;
  readonly asked: Readonly<Record<string, number>>;
}

/** The OVMF that we use says on the serial line what it starts; systemd greets; both guests show unit states. */
const FIRMWARE = /^BdsDxe: starting /;
const WELCOME = /^Welcome to /;
const SETTLED = /Reached target multi-user\.target/;
const CONTAINERD = /Started containerd\.service/;

const UUID = "6ba1ba11-a57e-4000-8000-00000000be9c";
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
  await machine.console.waitFor(SETTLED, { timeoutMs: SHUTDOWN_LIMIT_MS, signal });
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
  const lineOf = (pattern: RegExp): Promise<ConsoleLine> =>
    machine.console.waitFor(pattern, { timeoutMs, signal });
  const secondsOf = async (pattern: RegExp): Promise<number> => (await lineOf(pattern)).atMs / 1000;
  const ready = (await lineOf(system.ready)).atMs;
  // The line has just come, so this moment is its time on the console's clock.
  const powerOnMs = performance.now() - ready;
  return {
    ready: ready / 1000,
    firmware: await secondsOf(FIRMWARE),
    welcome: await secondsOf(WELCOME),
    containerd: await secondsOf(CONTAINERD),
    asked: await system.ask(machine, () => (performance.now() - powerOnMs) / 1000),
  };
}
