import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { hasErrno } from "./errno.ts";
import { VmError } from "./vm-error.ts";

/** What is remembered about a guest between starts, besides its disk. */
const GuestRecord = z.object({
  /** SHA-256 of the image file from which the disk was made. */
  imageSha256: z.string(),
  /** Identity of the machine, from which the guest derives its machine id. */
  uuid: z.string(),
  /** Whether it has once been healthy: then it has taken its user data and reads none again. */
  isProvisioned: z.boolean(),
});
export type GuestRecord = z.infer<typeof GuestRecord>;

/** The files of one guest; README.md lists them. */
export interface GuestFiles {
  readonly directory: string;
  readonly lock: string;
  readonly record: string;
  readonly disk: string;
  readonly variableStore: string;
  /** The one with keys enrolled, for --secure-boot. */
  readonly secureVariableStore: string;
  readonly userData: string;
  readonly credentials: string;
  readonly console: string;
}

/** `$BALLAST_STATE_DIR`, else `$XDG_STATE_HOME`, else `~/.local/state`; then `ballast/<name>`. */
export function guestFiles(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): GuestFiles {
  const base = env["BALLAST_STATE_DIR"] || env["XDG_STATE_HOME"] || join(homedir(), ".local/state");
  const directory = join(base, "ballast", name);
  return {
    directory,
    lock: join(directory, "lock"),
    record: join(directory, "guest.json"),
    disk: join(directory, "disk.qcow2"),
    variableStore: join(directory, "firmware-vars.qcow2"),
    secureVariableStore: join(directory, "firmware-vars-secure.qcow2"),
    userData: join(directory, "user-data.toml"),
    credentials: join(directory, "credentials"),
    console: join(directory, "console.log"),
  };
}

export async function makeGuestDirectory(files: GuestFiles): Promise<void> {
  try {
    await mkdir(files.directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new VmError("vm.state", `Cannot make state directory "${files.directory}"`, {
      cause,
      hint: "Set BALLAST_STATE_DIR to a directory that you can write to.",
    });
  }
}

/** The record of a guest with a disk; undefined if there is none, or if the disk was never finished. */
export async function readGuestRecord(files: GuestFiles): Promise<GuestRecord | undefined> {
  let text: string;
  try {
    text = await readFile(files.record, "utf8");
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
  const parsed = GuestRecord.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new VmError("vm.state", `Cannot read "${files.record}": it is damaged`, {
    cause: parsed.error,
    hint: "Begin anew with --discard-state.",
  });
}

export async function writeGuestRecord(files: GuestFiles, record: GuestRecord): Promise<void> {
  const temporary = `${files.record}.new`;
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`);
  await rename(temporary, files.record);
}

/** Removes the disk; the record first, so that half a removal reads as "no disk". */
export async function discardDisk(files: GuestFiles): Promise<void> {
  await rm(files.record, { force: true });
  const { disk, variableStore, secureVariableStore, userData, console } = files;
  for (const file of [disk, variableStore, secureVariableStore, userData, console])
    await rm(file, { force: true });
}

export function newRecord(imageSha256: string): GuestRecord {
  return { imageSha256, uuid: randomUUID(), isProvisioned: false };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Damaged text is judged by the schema, as every other damage.
    return undefined;
  }
}
