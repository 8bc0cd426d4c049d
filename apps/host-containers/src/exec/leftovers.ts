import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isStatus } from "@ballast/containerd";
import { errorFields, type Log } from "@ballast/service";
import { KINDS, type Kind } from "./exec-target.ts";
import type { Containerds } from "./find-container.ts";

/** In the folder of each command: the container in which it runs. */
export const TARGET_FILE = "target.json";
const KILL = 9;
const ASK_AGAIN_MS = 1000;

/** Ends the commands of a manager that was killed, whose clients have lost them, and removes their pipes. */
export async function removeLeftovers(
  folder: string,
  execIds: readonly string[],
  containerds: Containerds,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  for (const execId of execIds) {
    try {
      await endProcess(join(folder, execId, TARGET_FILE), execId, containerds, signal);
      await rm(join(folder, execId), { recursive: true, force: true });
      log.warn("Ended a command that an earlier manager left", { exec: execId });
    } catch (error) {
      if (signal.aborted) return;
      log.warn("Cannot end a command that an earlier manager left", errorFields(error));
    }
  }
}

async function endProcess(
  targetFile: string,
  execId: string,
  containerds: Containerds,
  signal: AbortSignal,
): Promise<void> {
  const target = parseTarget(await readFile(targetFile, "utf8").catch(() => ""));
  // It was killed before it had asked containerd for anything.
  if (target === undefined || !containerds.has(target.kind)) return;
  const { containerId } = target;
  const { tasks } = containerds.of(target.kind);
  const options = { signal, act: `end the command "${execId}"` };
  const process = { containerId, execId };
  while (!signal.aborted) {
    try {
      await tasks.kill({ ...process, signal: KILL, all: false }, options).catch(ignoreEnded);
      await tasks.wait(process, options).catch(ignoreEnded);
      await tasks.deleteProcess(process, options).catch(ignoreEnded);
      return;
    } catch (error) {
      if (!isStatus(error, "unavailable")) throw error;
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }
}

function parseTarget(
  text: string,
): { readonly kind: Kind; readonly containerId: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const kind = KINDS.find((known) => "kind" in value && known === value.kind);
    const id = "containerId" in value ? value.containerId : undefined;
    return kind !== undefined && typeof id === "string" ? { kind, containerId: id } : undefined;
  } catch {
    return undefined;
  }
}

function ignoreEnded(error: unknown): void {
  if (!isStatus(error, "not-found", "failed-precondition")) throw error;
}
