import { describeError } from "@ballast/errors";
import type { UpdatesStatus } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { runSignpost } from "../machine/signpost.ts";
import { updateState } from "../status/status-of.ts";
import { notAllowed } from "./not-allowed.ts";
import { operate } from "./operate.ts";
import { takeRequest } from "./request.ts";

/** The running slot boots next after all; what was prepared stays prepared. Works without any space on the disk. */
export async function runCancel(context: AgentContext): Promise<UpdatesStatus> {
  // Nothing can be asked for, but that it is taken tells the API server that this run is its own.
  await takeRequest(context, "cancel");
  return operate(context, "deactivate", async ({ running, slots, state, save }) => {
    const now = updateState({ running, slots, state: state() });
    if (now !== "Ready") throw notAllowed("deactivate", now, NOTHING_ACTIVE);
    await runSignpost(context, ["cancel-upgrade"]);
    context.log.notice("Update does not boot next any more");
    await save({ ...state(), activated: null }).catch((error: unknown) => {
      // The table says the same, and is what counts.
      context.log.warn("Cannot keep the state of updates", { reason: describeError(error) });
    });
  });
}

const NOTHING_ACTIVE = {
  reason: "none boots next",
  hint: "There is nothing to cancel.",
};
