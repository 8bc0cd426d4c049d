import { isStatus } from "@ballast/containerd";
import { ContainerState } from "@ballast/containerd/cri";
import { errorFields } from "@ballast/service";
import { isRecord } from "../hash-of.ts";
import type { Edge } from "./perform.ts";
import type { WorkloadSpec } from "./workload.ts";

/** What an end needs of the edge: a drain has no more. */
export type StopEdge = Pick<Edge, "runtime" | "log" | "signal">;

/** How a container wants to end. Kept with it: it is stopped as it was made, whatever the settings say by then. */
interface Ending {
  readonly command: readonly string[];
  readonly commandSeconds: number;
  readonly graceSeconds: number;
}

/** Of containers that a manager without endings has made. */
const PLAIN: Ending = { command: [], commandSeconds: 0, graceSeconds: 10 };
/** containerd ends what takes too long; the call ends later, if containerd does not answer. */
const MARGIN_MS = 20_000;

export function endingText(spec: Pick<WorkloadSpec, "pre-stop" | "stop-grace-seconds">): string {
  const { command = [], "timeout-seconds": commandSeconds } = spec["pre-stop"];
  const ending: Ending = { command, commandSeconds, graceSeconds: spec["stop-grace-seconds"] };
  return JSON.stringify(ending);
}

export interface Stopped {
  readonly id: string;
  readonly state: ContainerState;
  /** As {@link endingText} made it. */
  readonly ending: string | undefined;
}

/**
 * Ends a container as it wants: its command first, which may fail and may run twice if it is cut short, then TERM (or the
 * signal of the image), then KILL.
 */
export async function stopWell(edge: StopEdge, container: Stopped, act: string): Promise<void> {
  const { runtime, signal } = edge;
  const ending = readEnding(container.ending);
  const isRunning = container.state === ContainerState.CONTAINER_RUNNING;
  if (isRunning && ending.command.length > 0) await runCommand(edge, container.id, ending, act);
  const options = { signal, act, timeoutMs: ending.graceSeconds * 1000 + MARGIN_MS };
  const timeout = BigInt(ending.graceSeconds);
  try {
    await runtime.stopContainer({ containerId: container.id, timeout }, options);
  } catch (error) {
    if (!isStatus(error, "not-found")) throw error;
  }
}

/** What it prints is not told: it may be anything, secrets too. */
async function runCommand(
  { runtime, signal, log }: StopEdge,
  containerId: string,
  { command, commandSeconds }: Ending,
  act: string,
): Promise<void> {
  const options = { signal, act, timeoutMs: commandSeconds * 1000 + MARGIN_MS };
  const timeout = BigInt(commandSeconds);
  try {
    const { exitCode } = await runtime.execSync(
      { containerId, cmd: [...command], timeout },
      options,
    );
    if (exitCode !== 0)
      log.warn("The command before a stop failed, the container is stopped", { exitCode, act });
  } catch (error) {
    signal.throwIfAborted();
    // It has just ended by itself, or takes too long, or there is no such program.
    log.warn("The command before a stop failed, the container is stopped", {
      ...errorFields(error),
      act,
    });
  }
}

function readEnding(text: string | undefined): Ending {
  try {
    const ending: unknown = JSON.parse(text ?? "");
    return isEnding(ending) ? ending : PLAIN;
  } catch {
    return PLAIN;
  }
}

function isEnding(value: unknown): value is Ending {
  return (
    isRecord(value) &&
    Array.isArray(value["command"]) &&
    value["command"].every((word) => typeof word === "string") &&
    Number.isInteger(value["commandSeconds"]) &&
    Number.isInteger(value["graceSeconds"])
  );
}
