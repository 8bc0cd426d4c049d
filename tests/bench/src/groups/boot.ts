import { copyFile, constants } from "node:fs/promises";
import { join } from "node:path";
import { ensureCredentials, readIdentity, RemoteApi, writeUserData } from "@ballast/vm";
import {
  bootOnce,
  settleDisk,
  type BootTimes,
  type GuestClock,
  type GuestSystem,
} from "../boot-guest.ts";
import { BenchError } from "../bench-error.ts";
import { ensureDebian } from "../debian/build-debian.ts";
import type { BenchContext, Group } from "../group.ts";
import { imageFile } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";

const ASK_LIMIT_MS = 120_000;
const JOURNAL_LINES = 5000;
/** Throws away a transaction that does not exist. */
const MARK = "/tx?tx=bench";

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
    say(`${system.name}'s first boot took ${disk.firstBoot.up.toFixed(1)} s`);
  }
  for (let round = 0; round < repeats.boots; round += 1)
    for (const { system, all } of boots) {
      const disk = settled.get(system);
      if (disk === undefined) continue;
      const times = await bootOnce(system, disk, join(scratch, `${system.name}-${round}`), signal);
      all.push(times);
      say(`${system.name} ${round + 1} of ${repeats.boots}: up after ${times.up.toFixed(1)} s`);
    }
  return {
    figures: boots.flatMap(({ system, first, all }) => figuresOf(system.name, first, all)),
    notes: [
      "Boots of a disk that was booted and shut down once before; the first boots are shown, too, once each.",
      "Firmware and \"Ballast: healthy\" are console lines, timed since QEMU's start. systemd and containerd are times of the guest's own clock, set against ours by a moment that both saw.",
      "Loader: for Ballast selector, stub and unpacking of the kernel; for Debian the same without selector, and it loads an initrd. Kernel: until systemd starts, for Debian with its initrd.",
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
    up: /^Ballast: healthy/,
    ask: async ({ apiPort }, _up, secondsSincePowerOn) => {
      const api = new RemoteApi(apiPort, identity);
      await api.get("/health");
      const answeredAt = secondsSincePowerOn();
      // A write is logged when it was answered: the moment that both clocks saw.
      await api.send({ method: "DELETE", path: MARK });
      const markedAt = secondsSincePowerOn();
      const { marked, ...clock } = readJournal(await fetchJournal(api));
      return { ...clock, zeroAt: markedAt - marked, answeredAt };
    },
    shutDown: async ({ apiPort }) => {
      await new RemoteApi(apiPort, identity).call("POST", "/actions/shutdown");
    },
  };
}

async function fetchJournal(api: RemoteApi): Promise<string> {
  const path = `/logs?boot=0&lines=${JOURNAL_LINES}&priority=7`;
  return (await api.send({ path, timeoutMs: ASK_LIMIT_MS })).text;
}

/** systemd's first line went to the kernel's log, whose stamp is when it was written; others have the journal's. */
function readJournal(
  text: string,
): Pick<GuestClock, "systemd" | "containerd"> & { marked: number } {
  const lines = text.split("\n");
  const secondsOf = (mark: string, field: string): number => {
    const line = lines.findLast((item) => item.includes(mark)) ?? "{}";
    const record: unknown = JSON.parse(line);
    const stamp: unknown =
      typeof record === "object" && record !== null ? Reflect.get(record, field) : undefined;
    if (typeof stamp === "string") return Number(stamp) / 1e6;
    throw new BenchError("bench.boot", `Cannot find "${mark}" in the journal of Ballast`);
  };
  return {
    systemd: secondsOf("running in system mode", "_SOURCE_MONOTONIC_TIMESTAMP"),
    containerd: secondsOf("Started containerd.service", "__MONOTONIC_TIMESTAMP"),
    marked: secondsOf("method=DELETE path=/tx", "__MONOTONIC_TIMESTAMP"),
  };
}

function debianSystem(disk: string): GuestSystem {
  return {
    name: "Debian",
    disk,
    // /proc/uptime: what the clock shows at this moment.
    up: /^\d+\.\d+ \d+\.\d+$/,
    ask: async ({ console }, up) => {
      const secondsOf = async (property: string): Promise<number> => {
        const line = await console.waitFor(new RegExp(`${property}=\\d+$`), {
          timeoutMs: ASK_LIMIT_MS,
        });
        return Number(line.text.split("=")[1]) / 1e6;
      };
      return {
        systemd: await secondsOf("UserspaceTimestampMonotonic"),
        containerd: await secondsOf("ActiveEnterTimestampMonotonic"),
        zeroAt: up.atMs / 1000 - Number(up.text.split(" ")[0]),
      };
    },
    shutDown: async ({ qmp }) => {
      await qmp.execute("system_powerdown");
    },
  };
}

function figuresOf(system: string, first: BootTimes, all: readonly BootTimes[]): Figure[] {
  const isBase = system === "Debian";
  const figure = (name: string, pick: (times: BootTimes) => number, against = name): Figure => ({
    name: `${name}, ${system}`,
    unit: "s",
    values: all.map(pick),
    ...(isBase ? {} : { baseline: `${against}, Debian` }),
  });
  const containerd = "power-on to containerd";
  const toContainerd = (times: BootTimes): number => times.zeroAt + times.containerd;
  const only = isBase
    ? []
    : [
        figure("power-on to healthy", ({ up }) => up, containerd),
        figure("power-on to an answer", ({ answeredAt }) => answeredAt ?? Number.NaN, containerd),
      ];
  return [
    figure("firmware", ({ firmware }) => firmware),
    figure("loader", (times) => times.zeroAt - times.firmware),
    figure("kernel", ({ systemd }) => systemd),
    figure("systemd to containerd", (times) => times.containerd - times.systemd),
    figure(containerd, toContainerd),
    ...only,
    { ...figure("first boot to containerd", toContainerd), values: [toContainerd(first)] },
  ];
}
