import { copyFile, constants } from "node:fs/promises";
import { join } from "node:path";
import { ensureCredentials, readIdentity, RemoteApi, writeUserData } from "@ballast/vm";
import { bootOnce, settleDisk, type BootTimes, type GuestSystem } from "../boot-guest.ts";
import { BenchError } from "../bench-error.ts";
import { ensureDebian } from "../debian/build-debian.ts";
import type { BenchContext, Group } from "../group.ts";
import { imageFile } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";

const ASK_LIMIT_MS = 120_000;
const JOURNAL_LINES = 5000;

/** Names of what the guests are asked for after they are up. */
const KERNEL_CLOCK = "kernel's clock at the start of systemd";
const API = "power-on to an answer from outside";

/** The boot of the image beside that of a minimal Debian on the same machine. */
export const boot: Group = {
  name: "boot",
  does: "power-on to ready, beside a minimal Debian with containerd",
  run: measureBoots,
};

async function measureBoots(context: BenchContext): Promise<GroupResult> {
  const { scratch, repeats, signal, say } = context;
  const debian = await ensureDebian(join(scratch, "debian-guest"), say);
  const systems = [await ballastSystem(scratch), debianSystem(debian.disk)];
  const boots: { system: GuestSystem; first: BootTimes; all: BootTimes[] }[] = [];
  const settled = new Map<GuestSystem, Awaited<ReturnType<typeof settleDisk>>>();
  for (const system of systems) {
    const disk = await settleDisk(system, join(scratch, system.name), signal);
    settled.set(system, disk);
    boots.push({ system, first: disk.firstBoot, all: [] });
    say(`${system.name}'s first boot took ${disk.firstBoot.ready.toFixed(1)} s`);
  }
  for (let round = 0; round < repeats.boots; round += 1)
    for (const { system, all } of boots) {
      const disk = settled.get(system);
      if (disk === undefined) continue;
      const times = await bootOnce(system, disk, join(scratch, `${system.name}-${round}`), signal);
      all.push(times);
      say(
        `${system.name} ${round + 1} of ${repeats.boots}: ready after ${times.ready.toFixed(1)} s`,
      );
    }
  return {
    figures: boots.flatMap(({ system, first, all }) => figuresOf(system.name, first, all)),
    notes: [
      "Boots of a disk that was booted and shut down once before; the first boots are shown, too, once each.",
      'Times of console lines since QEMU\'s start: "BdsDxe: starting" (firmware), "Welcome to" (systemd), "Started containerd.service", "Ballast: healthy". Debian is ready when containerd is.',
      "Loader and kernel: for Ballast selector, stub and kernel; for Debian stub, kernel and its initrd.",
      `Debian: ${debian.versions.join(", ")}; UKI without a boot menu, ext4 root, no login, same console.`,
    ],
  };
}

async function ballastSystem(scratch: string): Promise<GuestSystem> {
  // A copy: the image may be built anew while we measure.
  const disk = join(scratch, "ballast.qcow2");
  await copyFile(await imageFile("ballast.qcow2"), disk, constants.COPYFILE_FICLONE);
  const credentials = join(scratch, "credentials");
  await ensureCredentials(credentials);
  const userDataFile = join(scratch, "user-data.toml");
  await writeUserData({ credentials, ownFile: undefined, target: userDataFile });
  const identity = await readIdentity(credentials);
  return {
    name: "Ballast",
    disk,
    userDataFile,
    ready: /^Ballast: healthy/,
    ask: async ({ apiPort }, secondsSincePowerOn) => {
      const api = new RemoteApi(apiPort, identity);
      await api.get("/health");
      return { [API]: secondsSincePowerOn(), [KERNEL_CLOCK]: await readKernelClock(api) };
    },
    shutDown: async ({ apiPort }) => {
      await new RemoteApi(apiPort, identity).call("POST", "/actions/shutdown");
    },
  };
}

/** systemd writes its first line to the kernel's log, whose stamps count from the start of the kernel's clock. */
async function readKernelClock(api: RemoteApi): Promise<number> {
  const path = `/logs?boot=0&lines=${JOURNAL_LINES}&priority=7`;
  const { text } = await api.send({ path, timeoutMs: ASK_LIMIT_MS });
  for (const line of text.split("\n")) {
    if (!line.includes("running in system mode")) continue;
    const record: unknown = JSON.parse(line);
    if (typeof record !== "object" || record === null) continue;
    const stamp = Reflect.get(record, "_SOURCE_MONOTONIC_TIMESTAMP") as unknown;
    if (typeof stamp === "string") return Number(stamp) / 1e6;
  }
  throw new BenchError("bench.boot", "Cannot find systemd's first line in the journal of Ballast");
}

function debianSystem(disk: string): GuestSystem {
  const report = /UserspaceTimestampMonotonic=(\d+)/;
  return {
    name: "Debian",
    disk,
    ready: /Started containerd\.service/,
    ask: async ({ console }) => {
      const line = await console.waitFor(report, { timeoutMs: ASK_LIMIT_MS });
      return { [KERNEL_CLOCK]: Number(report.exec(line.text)?.[1]) / 1e6 };
    },
    shutDown: async ({ qmp }) => {
      await qmp.execute("system_powerdown");
    },
  };
}

function figuresOf(system: string, first: BootTimes, all: readonly BootTimes[]): Figure[] {
  const figure = (name: string, pick: (times: BootTimes) => number, against = name): Figure => ({
    name: `${name}, ${system}`,
    unit: "s",
    values: all.map(pick),
    ...(system === "Debian" ? {} : { baseline: `${against}, Debian` }),
  });
  const containerd = "power-on to containerd";
  const asked = Object.keys(first.asked).map((name) =>
    figure(name, (times) => times.asked[name] ?? Number.NaN, name === API ? containerd : name),
  );
  const isReadyLater = all.some(({ ready, containerd: at }) => ready !== at);
  return [
    figure("firmware", ({ firmware }) => firmware),
    figure("loader and kernel", (times) => times.welcome - times.firmware),
    figure("systemd to containerd", (times) => times.containerd - times.welcome),
    figure(containerd, (times) => times.containerd),
    ...(isReadyLater ? [figure("power-on to healthy", ({ ready }) => ready, containerd)] : []),
    ...asked,
    { ...figure("first boot", ({ ready }) => ready), values: [first.ready] },
  ];
}
