import { join } from "node:path";
import type { Health, Os, Slot, SlotFailure, SlotsReport } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Clock, Exec, Fs } from "@ballast/system";
import { createLock } from "../apply/lock.ts";
import { PATHS } from "../paths.ts";
import { readSelectorReport } from "./efi-variables.ts";
import { judgeSlots } from "./judge-slots.ts";
import { readKernelLogs } from "./kernel-logs.ts";
import { recordAttempt } from "./record-attempt.ts";
import { SignpostRollback, SignpostStatus } from "./signpost-answer.ts";
import { runSignpost } from "./signpost-unit.ts";
import { slotsReport } from "./slots-report.ts";
import { openTrialFile } from "./trial-file.ts";

/** Both slots, and the trial of the one that runs. */
export interface SlotWatch {
  /** Begins the record of a boot on trial, or explains what happened before this one. Never rejects. */
  start(): Promise<void>;
  report(): Promise<SlotsReport>;
  /** Has the slot that does not run booted next; answers which boots next. Rejects with signpost's own refusal. */
  rollback(): Promise<Slot>;
  /** Takes down what health lacks while the boot is on trial. Never rejects. */
  sawHealth(health: Health): Promise<void>;
  isTrial(): Promise<boolean>;
  /** Of the slot that does not run, as far as it is known by now. */
  lastFailure(): SlotFailure | null;
}

export interface SlotWatchParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Log;
  readonly os: Os;
  readonly bootId: string | undefined;
  /** Below which everything lies. */
  readonly root: string;
}

export async function createSlotWatch(parts: SlotWatchParts): Promise<SlotWatch> {
  const { fs, log } = parts;
  const file = await openTrialFile(fs);
  const lock = createLock();
  const selector = await readSelectorReport(fs);
  const isTrial = async (): Promise<boolean> =>
    selector.isTrial && !(await fs.exists(PATHS.slotMarked));
  let isJudged = false;

  const record = async (health: Health | undefined): Promise<void> => {
    const attempt = { ...parts, now: parts.clock.now().toString(), health };
    await file.set(recordAttempt(file.get(), attempt));
  };
  const judge = async (status: SignpostStatus): Promise<void> => {
    const logs = await readKernelLogs(join(parts.root, PATHS.kernelLogs), log);
    const now = parts.clock.now().toString();
    const before = file.get().last_failure;
    await file.set(judgeSlots(file.get(), { status, skipped: selector.skipped, logs, now }));
    isJudged = true;
    const failure = file.get().last_failure;
    if (failure !== null && failure !== before)
      log.notice("The other slot has failed", { slot: failure.slot, reason: failure.reason });
  };
  const look = async (): Promise<SlotsReport> => {
    const status = await runSignpost(parts, "status", SignpostStatus);
    const trial = await isTrial();
    if (!trial) await judge(status);
    return slotsReport(status, trial, trial ? null : file.get().last_failure);
  };
  const quietly = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await lock(act);
    } catch (error) {
      log.warn("Slots not looked at", errorFields(error));
    }
  };

  return {
    start: () =>
      quietly(async () => {
        if (await isTrial()) await record(undefined);
        else await look();
      }),
    report: () => lock(look),
    rollback: () =>
      lock(async () => (await runSignpost(parts, "rollback-to-inactive", SignpostRollback)).next),
    sawHealth: (health) =>
      quietly(async () => {
        if (await isTrial()) await record(health);
        // The trial has just ended well.
        else if (!isJudged && selector.isTrial) await look();
      }),
    isTrial,
    lastFailure: () => (selector.isTrial && !isJudged ? null : file.get().last_failure),
  };
}
