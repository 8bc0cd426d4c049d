import { join } from "node:path";
import type { Log } from "@ballast/service";
import type { Clock, Exec, Fs } from "@ballast/system";

/** What a command works with; made at the edge. */
export interface AgentContext {
  /** Before all paths; `/` on a machine. The ports put it there by themselves. */
  readonly root: string;
  readonly fs: Fs;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  /** As Node names it. */
  readonly arch: string;
}

/** Where a place in the guest is for what does not go through a port. */
export function realPath({ root }: Pick<AgentContext, "root">, path: string): string {
  return join(root, path);
}
