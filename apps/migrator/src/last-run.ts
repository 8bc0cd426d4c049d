import { readFileSync } from "node:fs";
import type { Places } from "./places.ts";

/** Written when the version changes, not at each boot. */
export interface LastRun {
  readonly version: string;
  /** The version in the other slot, as far as it is known: the one that ran before. */
  readonly other: string | undefined;
}

/** What cannot be read is as if it were not there: then the database of the running version counts as the last one. */
export function readLastRun({ lastRun }: Places): LastRun | undefined {
  try {
    const { version, other }: Record<string, unknown> = JSON.parse(readFileSync(lastRun, "utf8"));
    if (typeof version !== "string") return undefined;
    return { version, other: typeof other === "string" ? other : undefined };
  } catch {
    return undefined;
  }
}
