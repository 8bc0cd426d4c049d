import { join } from "node:path";
import { uptime } from "node:os";
import { createApiClient, getHealth, getTry, getInhibitors } from "@ballast/api-client";
import { describeError } from "@ballast/errors";
import type { AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";
import type { Machine } from "./machine.ts";
import type { Objection } from "./what-to-do.ts";

/** What the schedule looks at beyond files of the update agent. */
export interface MachineView {
  /** Milliseconds since the machine started, suspended or not. */
  readonly upMs: () => number;
  readonly isProven: () => Promise<boolean>;
  /** Undefined if the API server does not say. */
  readonly ask: () => Promise<Asked | undefined>;
}

export interface Asked extends Pick<Machine, "health" | "isCommitWaiting"> {
  readonly objections: readonly Objection[];
}

export function machineOf({ root, fs, log, signal }: AgentContext): MachineView {
  return {
    upMs: () => Math.round(uptime() * 1000),
    isProven: () => fs.exists(PATHS.slotMarked),
    ask: async () => {
      const client = createApiClient({ socketPath: join(root, PATHS.apiSocket) });
      try {
        const health = await getHealth(client, { signal });
        const { waiting } = await getTry(client, { signal });
        const objections = await getInhibitors(client, { signal });
        return { health, isCommitWaiting: waiting !== null, objections };
      } catch (error) {
        log.warn("The API server does not say how the machine is", {
          reason: describeError(error),
        });
        return undefined;
      }
    },
  };
}
