import { existsSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import { UsageError } from "@ballast/errors";
import { ensureCredentials, writeUserData } from "./credentials.ts";
import { copyImage, growDisk, growDiskToAtLeast } from "./disk-image.ts";
import { findFirmware, makeVariableStore } from "./firmware.ts";
import {
  discardDisk,
  newRecord,
  readGuestRecord,
  writeGuestRecord,
  type GuestFiles,
  type GuestRecord,
} from "./guest-state.ts";
import { hashFile } from "./hash-file.ts";
import { mustMatchManifest } from "./image-manifest.ts";
import type { StartCommand } from "./options.ts";
import { planState } from "./plan-state.ts";
import { makeSecureVariableStore } from "./secure-store.ts";

const USUAL_DISK_BYTES = 8 * 2 ** 30;

/** Makes disk, variable store, credentials and user data ready as the command wants them. */
export async function prepareGuest(
  command: StartCommand,
  files: GuestFiles,
  image: string,
  say: (sentence: string) => void,
): Promise<GuestRecord> {
  await mustBeReadable("--user-data", command.userDataFile);
  const imageSha256 = await hashFile(image);
  // An image of the user's own stands for itself; ours must be the one that the build finished.
  if (command.imageFile === undefined) await mustMatchManifest(image, imageSha256);
  // With --discard-state a damaged record must not stand in the way of getting rid of it.
  const old = command.state === "discard" ? undefined : await readGuestRecord(files);
  const plan = planState({
    record: old,
    imageSha256,
    wish: command.state,
    hasUserData: command.userDataFile !== undefined,
  });
  say(plan.sentence);
  if (plan.credentials === "new") await rm(files.credentials, { recursive: true, force: true });
  await ensureCredentials(files.credentials);
  const record = plan.disk === "keep" && old !== undefined ? old : newRecord(imageSha256);
  if (plan.disk === "new") {
    await discardDisk(files);
    // A copy, not an overlay: the next build replaces the image, and --keep-state must still find what it was.
    await copyImage(image, files.disk);
    await makeVariableStore(findFirmware(), files.variableStore);
  }
  // Once for each disk: what the guest puts into it is to stay.
  if (command.isSecureBoot && !existsSync(files.secureVariableStore))
    await makeSecureVariableStore(files.secureVariableStore);
  if (command.diskSizeGiB === undefined) await growDiskToAtLeast(files.disk, USUAL_DISK_BYTES);
  else await growDisk(files.disk, command.diskSizeGiB * 2 ** 30);
  if (!record.isProvisioned)
    await writeUserData({
      credentials: files.credentials,
      ownFile: command.userDataFile,
      target: files.userData,
    });
  await writeGuestRecord(files, record);
  return record;
}

async function mustBeReadable(option: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    await access(file);
  } catch {
    throw new UsageError(`Option ${option} names ${JSON.stringify(file)}, which cannot be read`);
  }
}
