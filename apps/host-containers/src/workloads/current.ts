import type { Actual, ActualContainer, ActualSandbox, Workload } from "./workload.ts";

/** What there is of a workload as it is wanted now. */
export interface Current {
  readonly sandbox: ActualSandbox;
  /** The newest first. */
  readonly containers: readonly ActualContainer[];
}

/** Nothing of other settings, or of another boot: that says nothing of what is wanted now. */
export function currentOf(
  { sandboxes, containers }: Actual,
  { name, hash }: Workload,
): Current | undefined {
  const sandbox = sandboxes.find((one) => one.name === name && one.isReady && one.hash === hash);
  if (sandbox === undefined) return undefined;
  const own = containers
    .filter(({ sandboxId }) => sandboxId === sandbox.id)
    .toSorted((a, b) => b.attempt - a.attempt);
  return { sandbox, containers: own };
}
