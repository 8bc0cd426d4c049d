import type { Client } from "@ballast/containerd";
import {
  ContainerState as CriState,
  PodSandboxState,
  type Container,
  type ContainerStatus,
  type PodSandbox,
  type RuntimeService,
} from "@ballast/containerd/cri";
import { isStatus } from "@ballast/containerd";
import { LABEL, NAMESPACE } from "./labels.ts";
import type { Actual, ActualContainer, ActualSandbox, ContainerState } from "./workload.ts";

/** Reads from containerd what of ours there is. */
export async function readActual(
  runtime: Client<typeof RuntimeService>,
  signal: AbortSignal,
): Promise<Actual> {
  const options = { signal, act: "list containers" };
  const { items } = await runtime.listPodSandbox({}, options);
  const ours = items.filter(({ metadata }) => metadata?.namespace === NAMESPACE);
  const ids = new Set(ours.map(({ id }) => id));
  const { containers } = await runtime.listContainers({}, options);
  const own = containers.filter(({ podSandboxId }) => ids.has(podSandboxId));
  const whole = await Promise.all(own.map((container) => toContainer(runtime, container, signal)));
  return { sandboxes: ours.map(toSandbox), containers: whole.flat() };
}

function toSandbox({ id, state, metadata, labels, annotations }: PodSandbox): ActualSandbox {
  return {
    id,
    name: labels[LABEL.name] ?? metadata?.name ?? "",
    hash: labels[LABEL.hash] ?? "",
    isReady: state === PodSandboxState.SANDBOX_READY,
    ports: listOf(annotations[LABEL.ports]),
    requires: listOf(annotations[LABEL.requires]),
  };
}

function listOf(text = ""): string[] {
  return text.split(",").filter(Boolean);
}

/** Only of one that has ended the list does not say all. Nothing for one that went away after it was listed. */
async function toContainer(
  runtime: Client<typeof RuntimeService>,
  { id, podSandboxId: sandboxId, state: criState, metadata, imageRef, createdAt }: Container,
  signal: AbortSignal,
): Promise<ActualContainer[]> {
  const state = STATES[criState];
  const attempt = metadata?.attempt ?? 0;
  const createdAtMs = toMs(createdAt);
  const container = { id, sandboxId, state, attempt, imageId: imageRef, createdAtMs };
  if (state !== "exited") return [container];
  try {
    const options = { signal, act: `read container "${id}"` };
    const { status } = await runtime.containerStatus({ containerId: id }, options);
    return status === undefined ? [] : [{ ...container, exit: exitOf(status) }];
  } catch (error) {
    if (isStatus(error, "not-found")) return [];
    throw error;
  }
}

const OUT_OF_MEMORY = "Its last run was killed: out of memory, see resources.memory";

function exitOf({
  exitCode,
  reason,
  startedAt,
  finishedAt,
}: ContainerStatus): NonNullable<ActualContainer["exit"]> {
  // Never started: its start failed, at once.
  return {
    code: exitCode,
    ...(reason === "OOMKilled" ? { reason: OUT_OF_MEMORY } : {}),
    startedAtMs: toMs(startedAt || finishedAt),
    atMs: toMs(finishedAt),
  };
}

const STATES: Readonly<Record<CriState, ContainerState>> = {
  [CriState.CONTAINER_CREATED]: "created",
  [CriState.CONTAINER_RUNNING]: "running",
  [CriState.CONTAINER_EXITED]: "exited",
  [CriState.CONTAINER_UNKNOWN]: "unknown",
};

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}
