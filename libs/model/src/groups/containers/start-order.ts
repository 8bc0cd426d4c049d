import { joinKey } from "../../keys.ts";
import type { Issue } from "../../settings-group.ts";

/** Each may have to wait for the one before: a chain of more is the work of an orchestrator. */
const MAX_CHAIN = 32;

type Requirements = Readonly<Record<string, { readonly requires?: readonly string[] | undefined }>>;

/** What each container waits for must be there, and must not wait for it. */
export function checkStartOrder(all: Requirements): Issue[] {
  const unknown = Object.entries(all).flatMap(([name, { requires = [] }]) =>
    requires
      .filter((required) => !Object.hasOwn(all, required))
      .map((required) => issue(name, `must not name "${required}": there is no such container`)),
  );
  if (unknown.length > 0) return unknown;
  const cycle = findCycle(all);
  if (cycle !== undefined)
    return [issue(cycle[0] ?? "", `must not lead back to itself: ${cycle.join(" -> ")}`)];
  const depths = new Map<string, number>();
  const [tooDeep] = Object.keys(all).filter((name) => depthOf(all, name, depths) > MAX_CHAIN);
  if (tooDeep === undefined) return [];
  return [issue(tooDeep, `must not lead through more than ${MAX_CHAIN} containers`)];
}

function issue(name: string, reason: string): Issue {
  return { key: joinKey([name, "requires"]), reason };
}

/** The names of one cycle, the first one again at its end. */
function findCycle(all: Requirements): string[] | undefined {
  const done = new Set<string>();
  const search = (name: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(name);
    if (start !== -1) return [...trail.slice(start), name];
    if (done.has(name)) return undefined;
    for (const required of all[name]?.requires ?? []) {
      const cycle = search(required, [...trail, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(all)) {
    const cycle = search(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** How many containers the longest chain from this one has; of what has no cycles. */
function depthOf(all: Requirements, name: string, known: Map<string, number>): number {
  const before = known.get(name);
  if (before !== undefined) return before;
  const inner = (all[name]?.requires ?? []).map((required) => depthOf(all, required, known));
  const depth = 1 + Math.max(0, ...inner);
  known.set(name, depth);
  return depth;
}
