import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "@ballast/errors";
import * as z from "zod";
import type { ConsoleLine } from "./console.ts";
import type { Machine } from "./machine.ts";
import type { ApiAnswer, RemoteApi } from "./remote-api.ts";
import { VmError } from "./vm-error.ts";

const Health = z.object({
  status: z.enum(["starting", "healthy", "degraded"]),
  checks: z.array(
    z.object({ name: z.string(), status: z.string(), reason: z.string().optional() }),
  ),
});
export type Health = z.infer<typeof Health>;

const PAUSE_MS = 250;
/** Stands on the console when the first boot's settings cannot be used; then the remote API never opens. */
const REFUSED = /Ballast: user data refused: (.*)/;

/**
 * Waits until the guest calls itself healthy over the remote API. Fails at once when the machine ends or refuses its
 * user data, and at the limit with the checks that are not well.
 */
export async function waitHealthy(
  machine: Machine,
  api: RemoteApi,
  options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
    readonly fromLine?: number;
    /** A refusal may be on the console and the user data is being corrected: it does not end the wait. */
    readonly isBeingCorrected?: boolean;
  },
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const deadlineMs = performance.now() + options.timeoutMs;
  try {
    await Promise.race([
      poll(api, deadlineMs, signal),
      failOnEnd(machine),
      ...(options.isBeingCorrected === true
        ? []
        : [failOnRefusal(machine, { ...options, signal })]),
    ]);
  } finally {
    stop.abort();
  }
}

/** Waits until the remote API answers at all, whatever it says. */
export async function waitAnswering(
  machine: Machine,
  api: RemoteApi,
  timeoutMs: number,
): Promise<void> {
  const stop = AbortSignal.timeout(timeoutMs);
  const ended = failOnEnd(machine);
  while (!stop.aborted) {
    const answer = await Promise.race([tryHealth(api, stop), ended]);
    if (answer !== undefined) return;
    await sleep(PAUSE_MS);
  }
  throw new VmError("vm.unhealthy", "The guest's API did not answer in time");
}

/** Undefined while nobody listens. */
async function tryHealth(api: RemoteApi, signal: AbortSignal): Promise<ApiAnswer | undefined> {
  signal.throwIfAborted();
  try {
    return await api.send({ path: "/health", timeoutMs: 10_000 });
  } catch (error) {
    if (!hasCode(error, "vm.api")) throw error;
    return undefined;
  }
}

async function poll(api: RemoteApi, deadlineMs: number, signal: AbortSignal): Promise<void> {
  let last = "the API did not answer";
  while (performance.now() < deadlineMs) {
    const answer = await tryHealth(api, signal);
    if (answer?.status === 200) return;
    if (answer !== undefined) last = describeHealth(answer.status, answer.text);
    await sleep(PAUSE_MS, undefined, { signal });
  }
  throw new VmError("vm.unhealthy", `The guest did not become healthy in time: ${last}`);
}

function describeHealth(status: number, text: string): string {
  const health = Health.safeParse(tryJson(text));
  if (!health.success) return `GET /health answers ${status} ${text}`;
  const unwell = health.data.checks.filter((check) => check.status !== "ok");
  const reasons = unwell.map(
    ({ name, status: state, reason }) => `${name} ${state}${reason ? ` (${reason})` : ""}`,
  );
  return `it is ${health.data.status}: ${reasons.join(", ")}`;
}

async function failOnEnd(machine: Machine): Promise<never> {
  const cause = await machine.ended;
  throw new VmError("vm.unhealthy", "The guest ended before it was healthy", { cause });
}

async function failOnRefusal(
  machine: Machine,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly fromLine?: number },
): Promise<never> {
  let line: ConsoleLine;
  try {
    // Longer than the limit of the wait for health, which has more to say.
    line = await machine.console.waitFor(REFUSED, {
      timeoutMs: options.timeoutMs + 60_000,
      from: options.fromLine ?? 0,
      signal: options.signal,
    });
  } catch (error) {
    if (hasCode(error, "vm.ended")) return failOnEnd(machine);
    throw error;
  }
  const reason = REFUSED.exec(line.text)?.[1] ?? line.text;
  throw new VmError("vm.unhealthy", `The guest refuses its user data: ${reason}`);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
