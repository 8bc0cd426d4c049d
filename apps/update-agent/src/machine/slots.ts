import * as z from "zod";
import type { AgentContext } from "../context.ts";
import { noSlots, runSignpost } from "./signpost.ts";

export type SlotName = "A" | "B";

const SlotState = z.object({
  /** Numbers of the partitions on the disk. */
  partitions: z.object({ boot: z.int(), root: z.int(), hash: z.int() }),
  priority: z.int(),
  tries_left: z.int(),
  successful: z.boolean(),
  /** It boots by right, not only as the last resort. */
  qualifies: z.boolean(),
  root_hash: z.string(),
});
export type SlotState = z.output<typeof SlotState>;

/** What is read of the answer of signpost, which may say more. */
const SignpostStatus = z.object({
  disk: z.string(),
  slots: z.object({ A: SlotState, B: SlotState }),
  active: z.enum(["A", "B"]).nullable(),
  conflict: z.string().nullable(),
});

/** Both slots as the partition table has them. */
export interface Slots {
  readonly disk: string;
  readonly active: SlotName;
  readonly running: SlotState;
  /** The one that does not run. */
  readonly other: SlotState;
  /** Why signpost will write nothing; null: it will. */
  readonly conflict: string | null;
}

export function otherSlot(name: SlotName): SlotName {
  return name === "A" ? "B" : "A";
}

/** Asks signpost. Throws `update-agent.no-slots`. */
export async function readSlots(context: Pick<AgentContext, "exec">): Promise<Slots> {
  const parsed = SignpostStatus.safeParse(await runSignpost(context, ["status"]));
  if (!parsed.success) throw noSlots("Cannot read the answer of signpost status", parsed.error);
  const { disk, slots, active, conflict } = parsed.data;
  if (active === null)
    throw noSlots(`Cannot tell which slot runs: ${conflict ?? "signpost does not know it"}`);
  return { disk, active, running: slots[active], other: slots[otherSlot(active)], conflict };
}

/** It is written completely and was never booted. */
export function isStaged({ other }: Pick<Slots, "other">): boolean {
  // Signpost gives a new slot 2 tries; one that is left was used.
  return other.priority === 0 && !other.successful && other.tries_left >= 2;
}

/** Somebody has made it the next one: a last try of the running slot, after which it would come too, is not that. */
export function bootsNext({ running, other }: Pick<Slots, "running" | "other">): boolean {
  return other.qualifies && other.priority > running.priority;
}
