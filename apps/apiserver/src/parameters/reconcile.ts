import { nestSettings, type FlatSettings } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Exec, Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";
import { changePower } from "../routes/power.ts";
import type { ParameterKeeper } from "./boot-parameters.ts";

interface ReconcileParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly log: Log;
  readonly effective: () => FlatSettings;
  readonly parameters: Pick<ParameterKeeper, "report">;
  /** Of the slot: a restart would cost it one of its few tries. */
  readonly isTrial: () => Promise<boolean>;
  /** What is written to STATE is there after a restart. */
  readonly isStored: () => Promise<boolean>;
}

/**
 * Restarts the machine at the end of `configure`, before workloads start, when it runs with other parameters than those that
 * are set and a restart can change that. Never twice for the same set: the selector has then seen it in the variable, which
 * `after-restart` excludes, and a note on STATE stands in for a firmware that forgets. Answers whether it restarts.
 */
export async function reconcile(parts: ReconcileParts): Promise<boolean> {
  const { fs, log } = parts;
  try {
    const { state, wanted } = await parts.parameters.report();
    if (state === "as-set" || state === "on-trial") {
      await fs.remove(PATHS.reconcileRecord);
      return false;
    }
    if (state !== "after-restart") return false;
    if (!nestSettings(parts.effective()).boot["reboot-to-reconcile"]) return false;
    const why = await whyNot(parts, wanted.join(" "));
    if (why !== undefined) {
      log.warn("Machine not restarted for its boot parameters", { reason: why });
      return false;
    }
    return await restart(parts, wanted.join(" "));
  } catch (error) {
    log.error("Boot parameters not reconciled", errorFields(error));
    return false;
  }
}

async function whyNot({ fs, isTrial, isStored }: ReconcileParts, wanted: string) {
  if (await isTrial()) return "the slot is on trial";
  if (!(await isStored())) return "nothing can be noted on STATE";
  const record = await fs.readText(PATHS.reconcileRecord);
  return record === `${wanted}\n` ? "it was restarted for the same ones before" : undefined;
}

async function restart({ fs, exec, log }: ReconcileParts, wanted: string): Promise<boolean> {
  await fs.writeDurable(PATHS.reconcileRecord, `${wanted}\n`, 0o600);
  try {
    await changePower(exec, "reboot");
  } catch (error) {
    await fs.remove(PATHS.reconcileRecord);
    throw error;
  }
  log.notice("Machine restarts for the boot parameters that are set");
  return true;
}
