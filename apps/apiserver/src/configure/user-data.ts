import { describeError } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { SystemError, type Exec, type Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

export const USER_DATA_MAX_BYTES = 256 * 1024;
/** Labels in the order in which they are tried; each has a mount unit of its own. */
const VOLUMES = [
  { label: "BALLAST", directory: "ballast", unit: "run-ballast-volume-ballast.mount" },
  { label: "cidata", directory: "cidata", unit: "run-ballast-volume-cidata.mount" },
] as const;

/** What a look at all sources gave. `unreadable` is a source that exists and cannot be read. */
export type Found =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly source: string; readonly text: string }
  | { readonly kind: "unreadable"; readonly source: string; readonly reason: string };

export interface SourceParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly log: Log;
}

/** The first source that has user data: file on STATE, QEMU's firmware configuration, labelled volumes. */
export async function findUserData(parts: SourceParts): Promise<Found> {
  const onState = await read(parts.fs, PATHS.stateUserData, "state");
  if (onState.kind !== "none") return onState;
  // Another hypervisor could offer a device of this name with another meaning.
  if ((await parts.fs.readText(PATHS.vendor))?.trim() === "QEMU") {
    const inFirmware = await read(parts.fs, PATHS.firmwareUserData, "fw-cfg");
    if (inFirmware.kind !== "none") return inFirmware;
  }
  await waitForDevices(parts);
  for (const volume of VOLUMES) {
    const onVolume = await orUnreadable(`volume:${volume.label}`, () => readVolume(parts, volume));
    if (onVolume.kind !== "none") return onVolume;
  }
  return { kind: "none" };
}

function read(fs: Fs, path: string, source: string): Promise<Found> {
  return orUnreadable(source, async () => {
    const text = await fs.readText(path, { maxBytes: USER_DATA_MAX_BYTES });
    return text === undefined ? { kind: "none" } : { kind: "text", source, text };
  });
}

/** A source that cannot be looked at is a verdict that the console shows, not the end of this program. */
async function orUnreadable(source: string, look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { kind: "unreadable", source, reason: describeError(error) };
  }
}

/** Labels of disks that were plugged before boot appear only when udev has seen them all. */
async function waitForDevices({ exec, log }: SourceParts): Promise<void> {
  try {
    await exec.run({ file: PATHS.udevadm, args: ["settle", "--timeout=10"], timeoutMs: 15_000 });
  } catch (error) {
    log.warn("Devices may not have settled", errorFields(error));
  }
}

/** systemd mounts the volume, read-only, so that this program needs no right to mount. */
async function readVolume(parts: SourceParts, volume: (typeof VOLUMES)[number]): Promise<Found> {
  const source = `volume:${volume.label}`;
  if (!(await parts.fs.exists(`${PATHS.labels}/${volume.label}`))) return { kind: "none" };
  const mounted = await systemctl(parts.exec, "start", volume.unit);
  try {
    if (mounted !== undefined) return { kind: "unreadable", source, reason: mounted };
    return await read(parts.fs, `${PATHS.volumes}/${volume.directory}/user-data.toml`, source);
  } finally {
    const stopped = await systemctl(parts.exec, "stop", volume.unit);
    if (stopped !== undefined) parts.log.warn("Volume not unmounted", { reason: stopped });
    // A medium that cannot be mounted must not count as a failed unit of this machine.
    if (mounted !== undefined) await systemctl(parts.exec, "reset-failed", volume.unit);
  }
}

/** Answers the reason if it failed. */
async function systemctl(exec: Exec, verb: string, unit: string): Promise<string | undefined> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-ask-password", verb, unit],
  });
  return exitCode === 0 ? undefined : `cannot ${verb} ${unit}: ${stderr.trim()}`;
}
