import { setTimeout as sleep } from "node:timers/promises";
import { bootLimitMs, type RemoteApi } from "@ballast/vm";
import * as z from "zod";

const SlotName = z.enum(["A", "B"]);
const Slot = z.object({
  priority: z.number(),
  tries_left: z.number(),
  successful: z.boolean(),
  qualifies: z.boolean(),
  root_hash: z.string(),
  state: z.string(),
});

/** GET /slots, as far as cases look at it. */
const Slots = z.object({
  active: SlotName.nullable(),
  next: SlotName,
  conflict: z.string().nullable(),
  trial: z.boolean(),
  slots: z.object({ A: Slot, B: Slot }),
  last_failure: z
    .object({
      slot: z.string(),
      root_hash: z.string(),
      reason: z.string(),
      unmet: z.array(z.object({ name: z.string(), reason: z.string().optional() })),
      kernel_log: z.string().nullable(),
    })
    .nullable(),
});
export type Slots = z.infer<typeof Slots>;

export async function fetchSlots(api: RemoteApi): Promise<Slots> {
  return Slots.parse(await api.get("/slots"));
}

const PAUSE_MS = 1000;

/** Waits until a slot is marked successful with all its tries. */
export async function waitMarked(api: RemoteApi, slot: "A" | "B"): Promise<void> {
  const deadlineMs = performance.now() + bootLimitMs("tcg");
  for (;;) {
    const { slots } = await fetchSlots(api);
    const flags = slots[slot];
    if (flags.successful && flags.tries_left === 7) return;
    if (performance.now() > deadlineMs)
      throw new Error(`Slot ${slot} was not marked in time: ${JSON.stringify(flags)}`);
    await sleep(PAUSE_MS);
  }
}
