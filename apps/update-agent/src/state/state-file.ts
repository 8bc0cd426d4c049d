import { describeError } from "@ballast/errors";
import type { AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";
import { NO_STATE, State } from "./state.ts";

type Parts = Pick<AgentContext, "fs" | "log">;

/** What is known; nothing, if it cannot be read: a machine must not lose its updates over a file that only adds to them. */
export async function readState({ fs, log }: Parts): Promise<State> {
  try {
    const text = await fs.readText(PATHS.state);
    return text === undefined ? NO_STATE : State.parse(JSON.parse(text));
  } catch (error) {
    log.error("State of updates is damaged, set aside", {
      file: PATHS.state,
      reason: describeError(error),
    });
    return NO_STATE;
  }
}
