import { errorFields, type Log } from "@ballast/service";
import type { Exec, Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** Commits of one moment are one refresh. */
const DELAY_MS = 2000;
/** Longer than the unit's own limit. */
const TIMEOUT_MS = 200_000;
const UNIT = "settings-shadow.service";

/** Has the database of the version in the other slot follow what is committed here. */
export interface ShadowKeeper {
  /** Something was committed. */
  changed(): void;
  /** Resolves when nothing that was committed before is missing there, or cannot be put there. Never rejects. */
  settle(): Promise<void>;
}

export interface ShadowParts {
  readonly fs: Pick<Fs, "exists">;
  readonly exec: Pick<Exec, "run">;
  readonly log: Log;
  readonly delayMs?: number;
}

/**
 * By a process of its own: it needs the memory for the time of a commit only, and a migration that goes wrong must not take
 * the API with it.
 */
export function createShadowKeeper({
  fs,
  exec,
  log,
  delayMs = DELAY_MS,
}: ShadowParts): ShadowKeeper {
  let timer: NodeJS.Timeout | undefined;
  /** One after the other: a unit that is starting already may have read before the commit. */
  let running: Promise<void> = Promise.resolve();
  const refresh = async (): Promise<void> => {
    // Most machines have never run another version.
    if (!(await fs.exists(PATHS.lastRun))) return;
    const args = ["--no-ask-password", "start", UNIT];
    const { exitCode, stderr } = await exec.run({
      file: PATHS.systemctl,
      args,
      timeoutMs: TIMEOUT_MS,
    });
    if (exitCode !== 0)
      log.warn("Settings for the other version are not refreshed", { reason: stderr.trim() });
  };
  const run = (): void => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(refresh).catch((error: unknown) => {
      log.warn("Settings for the other version are not refreshed", errorFields(error));
    });
  };
  return {
    changed: () => {
      timer ??= setTimeout(run, delayMs).unref();
    },
    settle: async () => {
      if (timer !== undefined) run();
      await running;
    },
  };
}
