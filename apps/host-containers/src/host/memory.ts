import { freshMemory, noticeExit, type Memory } from "../workloads/memory.ts";
import type { ActualHost, HostContainer } from "./host-container.ts";

/** The memories for what is there and wanted now: new for what is new or has changed, and every end counted. */
export function rememberHost(
  before: ReadonlyMap<string, Memory>,
  desired: readonly HostContainer[],
  actual: readonly ActualHost[],
): Map<string, Memory> {
  const hashes = new Map(desired.map(({ name, hash }) => [name, hash]));
  const found = new Map(actual.map((one) => [one.name, one]));
  const names = new Set([...hashes.keys(), ...found.keys()]);
  return new Map(
    [...names].map((name) => {
      const hash = hashes.get(name);
      const known = before.get(name);
      const memory = known === undefined || known.hash !== hash ? freshMemory(hash) : known;
      return [name, countExit(memory, found.get(name))];
    }),
  );
}

function countExit(memory: Memory, one: ActualHost | undefined): Memory {
  if (one?.task?.exit === undefined) return memory;
  const { startedAtMs, task } = one;
  const { code, atMs } = task.exit ?? { code: 0, atMs: 0 };
  return noticeExit(memory, { id: `${task.pid} ${atMs}`, exit: { code, startedAtMs, atMs } });
}
