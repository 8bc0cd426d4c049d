import type { UpdatesStatus } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { prepareSettings } from "../machine/prepare-settings.ts";
import { isStaged, otherSlot } from "../machine/slots.ts";
import { runSignpost } from "../machine/signpost.ts";
import { nameOf } from "../state/state.ts";
import { updateState } from "../status/status-of.ts";
import { notAllowed } from "./not-allowed.ts";
import { operate } from "./operate.ts";
import { takeRequest } from "./request.ts";

/** Makes the slot that was prepared the next one to boot, on trial: one write of the partition table. */
export async function runActivate(context: AgentContext): Promise<UpdatesStatus> {
  // Nothing can be asked for, but that it is taken tells the API server that this run is its own.
  await takeRequest(context, "activate");
  return operate(context, "activate", async ({ running, slots, state, save }) => {
    const now = updateState({ running, slots, state: state() });
    if (now !== "Staged" || !isStaged(slots)) throw notAllowed("activate", now);
    const { root_hash } = slots.other;
    const version = nameOf(state(), root_hash);
    if (version === undefined)
      throw notAllowed("activate", now, {
        reason: `it is not known which release slot ${otherSlot(slots.active)} holds`,
        hint: "Look for updates first: the repository knows its name.",
      });
    // Before the table: a release that fails must be known for what it is, also when the power goes in between.
    await save({ ...state(), activated: { version, root_hash, boot_id: running.bootId } });
    await prepareSettings(context, version);
    await runSignpost(context, ["upgrade-to-inactive"]);
    context.log.notice("Update boots next", { version, slot: otherSlot(slots.active) });
  });
}
