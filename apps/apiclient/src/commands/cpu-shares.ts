import type { ContainerList, ContainerStatus } from "@ballast/model";

/** Parts of one processor that each container used between two answers, if it ran at both. */
export function cpuShares(
  first: ContainerList,
  second: ContainerList,
  tookMs: number,
): Map<string, number> {
  const before = new Map(first.map((one) => [keyOf(one), one.cpu_usage_us]));
  const shares = new Map<string, number>();
  for (const one of second) {
    const usedUs = (one.cpu_usage_us ?? Number.NaN) - (before.get(keyOf(one)) ?? Number.NaN);
    // One that was started anew in between begins at 0.
    if (usedUs >= 0) shares.set(keyOf(one), usedUs / 1000 / tookMs);
  }
  return shares;
}

/** A name may occur once in each kind. */
export function keyOf({ kind, name }: ContainerStatus): string {
  return `${kind}/${name}`;
}
