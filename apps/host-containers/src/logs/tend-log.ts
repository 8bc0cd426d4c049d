import { rename, stat } from "node:fs/promises";
import { isStatus } from "@ballast/containerd";
import { ContainerState } from "@ballast/containerd/cri";
import { asidePath, logStep, type LogStep, type RunningLog } from "./log-rotation.ts";
import type { Edge } from "../workloads/perform.ts";

/** Looks at a log: one question to the file system. */
export async function lookAtLog({ path }: RunningLog, maxBytes: number): Promise<LogStep> {
  return logStep(await sizeOf(path), maxBytes);
}

/** Carries out a step. A container that has ended in the meantime needs none, and that is no failure. */
export async function tendLog(
  edge: Edge,
  { name, containerId, path }: RunningLog,
  step: NonNullable<LogStep>,
): Promise<void> {
  const { runtime, signal } = edge;
  // One rename: what was put aside before goes in the same moment, and a crash leaves no third file.
  if (step === "rotate") await rename(path, asidePath(path));
  try {
    await runtime.reopenContainerLog(
      { containerId },
      { signal, act: `reopen the log of "${name}"` },
    );
  } catch (error) {
    if (await isRunning(edge, containerId)) throw error;
  }
}

async function isRunning({ runtime, signal }: Edge, containerId: string): Promise<boolean> {
  try {
    const options = { signal, act: `read container "${containerId}"` };
    const { status } = await runtime.containerStatus({ containerId }, options);
    return status?.state === ContainerState.CONTAINER_RUNNING;
  } catch (error) {
    if (isStatus(error, "not-found")) return false;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
