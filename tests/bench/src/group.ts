import type { GroupResult } from "./report.ts";
import type { Repeats } from "./cli.ts";

/** What a group is given. */
export interface BenchContext {
  /** A directory of the group's own; it ends with the run. Short enough for unix sockets. */
  readonly scratch: string;
  readonly repeats: Repeats;
  /** Whether the build without any cache is measured, too. */
  readonly isCold: boolean;
  readonly signal: AbortSignal;
  /** Tells on standard error how far the group is. */
  readonly say: (sentence: string) => void;
}

export interface Group {
  readonly name: string;
  readonly does: string;
  run(context: BenchContext): Promise<GroupResult>;
}
