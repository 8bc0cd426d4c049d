import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchError } from "./bench-error.ts";
import type { ServerProcess } from "./server-process.ts";

/** What a process allocates late shall be counted. */
const SETTLE_MS = 500;

export const MEMORY_PARTS = ["dirty", "private"] as const;
/** Bytes: `dirty` is what the process itself wrote, `private` has the clean pages that nobody else maps, too. */
export type Memory = Readonly<Record<(typeof MEMORY_PARTS)[number], number>>;

export async function settledMemory({
  processId,
}: Pick<ServerProcess, "processId">): Promise<Memory> {
  await sleep(SETTLE_MS);
  const text = await readFile(`/proc/${processId}/smaps_rollup`, "utf8");
  const bytesOf = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    if (kibibytes === undefined)
      throw new BenchError("bench.tool", `Cannot read ${field} of process ${processId}`);
    return Number(kibibytes) * 1024;
  };
  const dirty = bytesOf("Private_Dirty");
  return { dirty, private: dirty + bytesOf("Private_Clean") };
}
