import type { Health } from "@ballast/model";

/** How the machine is, as far as it matters for a restart. */
export interface Machine {
  /** The running slot has earned its mark: its trial is over. */
  readonly isProven: boolean;
  /** A commit of settings waits for its confirmation, and would be kept or lost by a restart. Undefined: nobody knows. */
  readonly isCommitWaiting: boolean | undefined;
  /** Undefined: the API server does not answer. */
  readonly health: Health | undefined;
}

/** Checks that say that what is written to STATE does not last: a version that fails would be tried again and again. */
const OF_STATE = ["state", "database"];

/**
 * Why the machine should not be changed by itself now. Of what is unhealthy only a new version is no cure: it would be judged by
 * the same checks, and given up. A version that was withdrawn may be the reason, so going back from it does not wait.
 */
export function holdOf(machine: Machine, isPullBack: boolean): string | undefined {
  const { isProven, isCommitWaiting, health } = machine;
  if (!isProven) return "the running slot is on trial";
  if (isCommitWaiting === undefined || health === undefined)
    return "the API server does not answer";
  if (isCommitWaiting) return "a commit waits for its confirmation";
  const state = health.checks.find(
    ({ name, status }) => OF_STATE.includes(name) && status !== "ok",
  );
  if (state !== undefined) return `what is kept would not last: ${state.reason ?? state.name}`;
  if (health.status === "healthy" || isPullBack) return undefined;
  const unmet = health.checks.filter(({ status }) => status === "failed" || status === "waiting");
  return `the machine is not healthy: ${unmet.map(({ name }) => name).join(", ")}`;
}
