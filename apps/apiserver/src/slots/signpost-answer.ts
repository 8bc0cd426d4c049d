import { Slot, TableCopy } from "@ballast/model";
import * as z from "zod";

const SlotStatus = z.object({
  priority: z.int(),
  tries_left: z.int(),
  successful: z.boolean(),
  qualifies: z.boolean(),
  root_hash: z.string(),
});
export type SlotStatus = z.output<typeof SlotStatus>;

/** `signpost status --json`, as far as the API passes it on. */
export const SignpostStatus = z.object({
  disk: z.string(),
  active: Slot.nullable(),
  next: Slot,
  conflict: z.string().nullable(),
  slots: z.object({ A: SlotStatus, B: SlotStatus }),
  copies: z.object({ primary: TableCopy, backup: TableCopy }),
});
export type SignpostStatus = z.output<typeof SignpostStatus>;

/** `signpost rollback-to-inactive --json`. */
export const SignpostRollback = z.object({ next: Slot });
