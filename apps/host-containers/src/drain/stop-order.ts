/** Who requires whom, by name. */
export type Requires = ReadonlyMap<string, readonly string[]>;

/**
 * For each name those that must have stopped before it: whoever requires it. Settings know no circles; names that a damaged file has in
 * one wait for nobody, so that a machine always gets to its end.
 */
export function stopOrder(names: Iterable<string>, requires: Requires): Map<string, string[]> {
  const all = new Set([...names, ...requires.keys(), ...[...requires.values()].flat()]);
  const dependents = new Map<string, string[]>([...all].map((name) => [name, []]));
  for (const [name, needed] of requires)
    for (const one of new Set(needed)) dependents.get(one)?.push(name);
  const settled = new Set<string>();
  let isMoving = true;
  while (isMoving) {
    const free = [...all].filter(
      (name) => !settled.has(name) && (dependents.get(name) ?? []).every((one) => settled.has(one)),
    );
    for (const name of free) settled.add(name);
    isMoving = free.length > 0;
  }
  for (const name of all) if (!settled.has(name)) dependents.set(name, []);
  return dependents;
}

/** Stops all, each once those before it have stopped or failed to. Resolves with the names that failed. */
export async function stopInOrder(
  order: ReadonlyMap<string, readonly string[]>,
  stop: (name: string) => Promise<void>,
): Promise<string[]> {
  const failed: string[] = [];
  const begun = new Map<string, Promise<void>>();
  const stopOne = (name: string): Promise<void> => {
    const known = begun.get(name);
    if (known !== undefined) return known;
    const before = Promise.all((order.get(name) ?? []).map(stopOne));
    const stopped = before
      .then(() => stop(name))
      .catch(() => {
        failed.push(name);
      });
    begun.set(name, stopped);
    return stopped;
  };
  await Promise.all([...order.keys()].map(stopOne));
  return failed;
}
