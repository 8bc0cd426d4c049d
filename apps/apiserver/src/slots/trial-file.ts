import { Slot, SlotFailure, UnmetCheck } from "@ballast/model";
import type { Fs } from "@ballast/system";
import * as z from "zod";
import { PATHS } from "../paths.ts";

/** A boot on trial, as its own API server saw it. */
export const Attempt = z.strictObject({
  boot_id: z.string(),
  slot: Slot,
  root_hash: z.string(),
  version: z.string(),
  started_at: z.string(),
  /** What health lacked when it was last asked; null: it never was. */
  unmet: z.array(UnmetCheck).nullable(),
});
export type Attempt = z.output<typeof Attempt>;

/** What one slot leaves on STATE for the other: whoever comes up after a failure explains it. */
export const TrialRecord = z.strictObject({
  /** Newest last. */
  attempts: z.array(Attempt),
  last_failure: SlotFailure.nullable(),
  /** Kernel logs that are older than whatever fails next. */
  seen_kernel_logs: z.array(z.string()),
});
export type TrialRecord = z.output<typeof TrialRecord>;

const NOTHING: TrialRecord = { attempts: [], last_failure: null, seen_kernel_logs: [] };
const FILE_MAX_BYTES = 512 * 1024;

export interface TrialFile {
  get(): TrialRecord;
  /** Writes only what differs from what is there. */
  set(record: TrialRecord): Promise<void>;
}

/** A record that cannot be read, perhaps one of a newer version, must not keep the API from starting: it begins anew. */
export async function openTrialFile(fs: Fs): Promise<TrialFile> {
  let record = await read(fs);
  let text = JSON.stringify(record);
  return {
    get: () => record,
    set: async (next) => {
      record = next;
      const nextText = JSON.stringify(next);
      if (nextText === text) return;
      await fs.writeDurable(PATHS.trialRecord, `${nextText}\n`, 0o600);
      text = nextText;
    },
  };
}

async function read(fs: Fs): Promise<TrialRecord> {
  try {
    const text = await fs.readText(PATHS.trialRecord, { maxBytes: FILE_MAX_BYTES });
    return text === undefined ? NOTHING : TrialRecord.parse(JSON.parse(text));
  } catch {
    return NOTHING;
  }
}
