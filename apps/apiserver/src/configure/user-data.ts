import { describeError } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { SystemError, type Exec, type Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";
import type { Metadata } from "./metadata/metadata-service.ts";
import { readPlatform } from "./platform.ts";
import { SourceError } from "./source-error.ts";
import { unpackText } from "./unpack.ts";

/** Of the text, also of one that is packed. */
export const USER_DATA_MAX_BYTES = 256 * 1024;
/** More than 16 KiB EC2 does not take from the owner of an instance. */
const EC2_BOUNDS = { maxBytes: 16 * 1024, limitMs: 60_000 };
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
  readonly metadata: Metadata;
  readonly log: Log;
}

/**
 * The first source that has user data: file on STATE; on EC2 its metadata service, and nothing after it; QEMU's firmware
 * configuration; labelled volumes.
 */
export async function findUserData(parts: SourceParts, signal: AbortSignal): Promise<Found> {
  const onState = await readFile(parts.fs, PATHS.stateUserData, "state");
  if (onState.kind !== "none") return onState;
  const platform = await readPlatform(parts.fs);
  // Whoever can attach a volume to an instance need not be the one who may set its user data.
  if (platform === "ec2") return look("ec2", () => readMetadata(parts, signal));
  // Another hypervisor could offer a device of this name with another meaning.
  if (platform === "qemu") {
    const inFirmware = await readFile(parts.fs, PATHS.firmwareUserData, "fw-cfg");
    if (inFirmware.kind !== "none") return inFirmware;
  }
  await waitForDevices(parts);
  for (const volume of VOLUMES) {
    const onVolume = await look(`volume:${volume.label}`, () => readVolume(parts, volume));
    if (onVolume.kind !== "none") return onVolume;
  }
  return { kind: "none" };
}

function readFile(fs: Fs, path: string, source: string): Promise<Found> {
  return look(source, () => fs.readBytes(path, { maxBytes: USER_DATA_MAX_BYTES }));
}

async function readMetadata(
  { metadata, log }: SourceParts,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const answer = await metadata.get("/latest/user-data", EC2_BOUNDS, signal);
  if (answer.found) return answer.bytes;
  log.notice("EC2 has no user data", { reason: answer.reason });
  return undefined;
}

/** A source that cannot be looked at is a verdict that the console shows, not the end of this program. */
async function look(source: string, read: () => Promise<Uint8Array | undefined>): Promise<Found> {
  try {
    const bytes = await read();
    if (bytes === undefined) return { kind: "none" };
    return { kind: "text", source, text: unpackText(bytes, USER_DATA_MAX_BYTES) };
  } catch (error) {
    if (!(error instanceof SystemError || error instanceof SourceError)) throw error;
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
async function readVolume(
  { fs, exec, log }: SourceParts,
  { label, directory, unit }: (typeof VOLUMES)[number],
): Promise<Uint8Array | undefined> {
  if (!(await fs.exists(`${PATHS.labels}/${label}`))) return undefined;
  const notMounted = await systemctl(exec, "start", unit);
  try {
    if (notMounted !== undefined) throw new SourceError("apiserver.source-unreachable", notMounted);
    const path = `${PATHS.volumes}/${directory}/user-data.toml`;
    return await fs.readBytes(path, { maxBytes: USER_DATA_MAX_BYTES });
  } finally {
    const notStopped = await systemctl(exec, "stop", unit);
    if (notStopped !== undefined) log.warn("Volume not unmounted", { reason: notStopped });
    // A medium that cannot be mounted must not count as a failed unit of this machine.
    if (notMounted !== undefined) await systemctl(exec, "reset-failed", unit);
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
