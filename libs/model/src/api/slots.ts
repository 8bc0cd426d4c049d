import * as z from "zod";
import { Slot } from "./os.ts";

/** `failed`: its last boots did not come to a good end, see `last_failure`; `empty`: nothing in it is meant to boot. */
export const SlotState = z.enum(["active", "standby", "failed", "empty"]);
export type SlotState = z.output<typeof SlotState>;

export const SlotFlags = z.strictObject({
  priority: z.int(),
  tries_left: z.int(),
  successful: z.boolean(),
  /** It boots by right, not only as the last resort. */
  qualifies: z.boolean(),
  root_hash: z.string(),
  state: SlotState,
});
export type SlotFlags = z.output<typeof SlotFlags>;

export const TableCopy = z.strictObject({
  state: z.enum(["valid", "damaged", "outdated"]),
  trusted: z.boolean(),
  fault: z.string().nullable(),
});

export type TableCopy = z.output<typeof TableCopy>;

/** A check of health that was not met. */
export const UnmetCheck = z.strictObject({ name: z.string(), reason: z.string() });
export type UnmetCheck = z.output<typeof UnmetCheck>;

/** Why the slot that does not run gave way. */
export const SlotFailure = z.strictObject({
  slot: Slot,
  root_hash: z.string(),
  /** RFC 3339: when it was last known to run, or else when this was found. */
  at: z.string(),
  reason: z.string(),
  /** What health lacked when it was last seen; empty when its API was never there. */
  unmet: z.array(UnmetCheck),
  /** The end of the kernel's log, if the firmware kept it. */
  kernel_log: z.string().nullable(),
});
export type SlotFailure = z.output<typeof SlotFailure>;

/** `GET /slots`. */
export const SlotsReport = z.strictObject({
  disk: z.string(),
  active: Slot.nullable(),
  next: Slot,
  /** Why the active slot is not certain: then nothing is ever written. */
  conflict: z.string().nullable(),
  /** The running slot must earn its mark in time, or the machine is reset and the other one boots. */
  trial: z.boolean(),
  slots: z.strictObject({ A: SlotFlags, B: SlotFlags }),
  copies: z.strictObject({ primary: TableCopy, backup: TableCopy }),
  last_failure: SlotFailure.nullable(),
});
export type SlotsReport = z.output<typeof SlotsReport>;

/** `POST /actions/rollback`: the slot that boots next, and whether the machine restarts now. */
export const RollbackReport = z.strictObject({ next: Slot, rebooting: z.boolean() });
export type RollbackReport = z.output<typeof RollbackReport>;
