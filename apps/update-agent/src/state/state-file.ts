import { describeError } from "@ballast/errors";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";
import { isFull } from "./reserve.ts";
import { NO_STATE, State } from "./state.ts";

type Parts = Pick<AgentContext, "fs" | "log">;

const MAX_BYTES = 4 * 1024 * 1024;

/** What is known; nothing, if it cannot be read: a machine must not lose its updates over a file that only adds to them. */
export async function readState({ fs, log }: Parts): Promise<State> {
  try {
    const text = await fs.readText(PATHS.state, { maxBytes: MAX_BYTES });
    return text === undefined ? NO_STATE : State.parse(JSON.parse(text));
  } catch (error) {
    log.error("State of updates cannot be read, begun anew", {
      file: PATHS.state,
      reason: describeError(error),
    });
    return NO_STATE;
  }
}

/** Keeps a file that is no state for whoever looks into it; the next write would replace it. Only under the lock. */
export async function setDamagedStateAside({ fs, log }: Parts): Promise<void> {
  try {
    const text = await fs.readText(PATHS.state, { maxBytes: MAX_BYTES });
    if (text === undefined || isState(text)) return;
    await fs.writeDurable(PATHS.damagedState, text, 0o600);
    log.error("Damaged state of updates was set aside", { file: PATHS.damagedState });
  } catch (error) {
    log.warn("Cannot set the damaged state of updates aside", { reason: describeError(error) });
  }
}

/** Atomic and durable. Throws `update-agent.state`. */
export async function writeState({ fs }: Pick<Parts, "fs">, state: State): Promise<void> {
  try {
    await fs.writeDurable(PATHS.state, `${JSON.stringify(state, undefined, 1)}\n`, 0o600);
  } catch (cause) {
    throw new UpdateAgentError("update-agent.state", "Cannot keep the state of updates", {
      cause,
      hint: isFull(cause)
        ? "STATE is full: remove what takes its space."
        : "STATE cannot be written: a release that is activated now could not keep its settings either.",
    });
  }
}

function isState(text: string): boolean {
  try {
    return State.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
