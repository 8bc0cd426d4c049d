import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { EXIT } from "@ballast/errors";
import { takeKernelLock } from "@ballast/system/kernel-lock";
import { realPath, type AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

/** A run that has shown its end in the status has the lock for a moment longer. */
const PATIENCE_MS = 3000;

/** The right to change something; undefined: another run has it. Throws `update-agent.no-lock`. */
export async function tryLock(
  context: Pick<AgentContext, "root">,
  waitMs = 0,
): Promise<Disposable | undefined> {
  const path = realPath(context, PATHS.lock);
  try {
    await mkdir(dirname(path), { recursive: true });
    return takeKernelLock(path, waitMs);
  } catch (cause) {
    throw new UpdateAgentError("update-agent.no-lock", `Cannot lock "${path}"`, {
      cause,
      exitCode: EXIT.unavailable,
    });
  }
}

/** The same; throws `update-agent.busy` when it is not to be had soon. */
export async function takeLock(context: Pick<AgentContext, "root">): Promise<Disposable> {
  const lock = await tryLock(context, PATIENCE_MS);
  if (lock !== undefined) return lock;
  throw new UpdateAgentError("update-agent.busy", "Cannot begin: another command is at work", {
    exitCode: EXIT.tryAgain,
    hint: "Wait for its end, or cancel it.",
  });
}
