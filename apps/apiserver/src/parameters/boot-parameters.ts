import {
  bootParameters,
  nestSettings,
  type BootParameters,
  type FlatSettings,
  type HealthCheck,
} from "@ballast/model";
import type { Exec, Fs } from "@ballast/system";
import { describeError } from "@ballast/errors";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { ApplyHook, Forecast } from "../apply/applier.ts";
import { PATHS } from "../paths.ts";
import { runSignpost } from "../slots/signpost-unit.ts";
import { AFTER_RESTART, judgeParameters, unknownParameters } from "./judge-parameters.ts";
import { readParameterFacts, type ParameterFacts } from "./parameter-facts.ts";

/** Kernel and init parameters: those of the settings, of the firmware and of the kernel that runs. */
export interface ParameterKeeper {
  /** Has the firmware keep what is set, if it does not yet. */
  readonly hook: ApplyHook;
  readonly forecast: Forecast;
  /** Never rejects: a firmware that fails must keep no machine from being configured, or from its mark. */
  report(): Promise<BootParameters>;
  /** A warning when the machine runs without what is set. It is healthy all the same, or it would lose its mark by it. */
  check(): Promise<HealthCheck[]>;
  /** This boot must prove the parameters that it runs with. */
  isTrial(): Promise<boolean>;
}

interface ParameterParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly effective: () => FlatSettings;
}

const Answer = z.object({ changed: z.boolean() });

export async function createParameterKeeper(parts: ParameterParts): Promise<ParameterKeeper> {
  const { fs, effective } = parts;
  const report = async (): Promise<BootParameters> => {
    const wanted = wantedBy(effective());
    try {
      return judgeParameters(await readParameterFacts(fs), wanted);
    } catch (error) {
      return unknownParameters(wanted, `cannot be looked at: ${describeError(error)}`);
    }
  };
  // Before anything is applied: notes what the selector has seen.
  await report();
  return {
    hook: parameterHook(parts),
    forecast: async (values) => {
      const facts = await readParameterFacts(fs);
      const wanted = wantedBy(values);
      requirePlace(facts, wanted);
      return wanted === (facts.running ?? "") ? undefined : AFTER_RESTART;
    },
    report,
    check: async () => checkOf(await report()),
    isTrial: async () =>
      (await fs.exists(PATHS.parametersTrialVariable)) && !(await fs.exists(PATHS.slotMarked)),
  };
}

function parameterHook({ fs, exec }: ParameterParts): ApplyHook {
  return async (values) => {
    const wanted = wantedBy(values);
    const before = await readParameterFacts(fs);
    requirePlace(before, wanted);
    const isDue = before.asked !== wanted;
    if (isDue)
      await runSignpost({ fs, exec }, "write-parameters", Answer, "boot-parameters@write.service");
    const { state, reason } = judgeParameters(await readParameterFacts(fs), wanted);
    if (state === "not-stored")
      throw new ApiError(
        "apiserver.command-failed",
        "Cannot set the parameters of the next boot: the firmware does not hold what was written",
      );
    if (state === "refused") return { later: `are refused: ${reason}` };
    return state === "after-restart" ? { later: AFTER_RESTART } : isDue;
  };
}

function wantedBy(values: FlatSettings): string {
  return bootParameters(nestSettings(values).boot);
}

/** Nothing can be had everywhere. */
function requirePlace({ running, hasVariables }: ParameterFacts, wanted: string): void {
  if (wanted === "") return;
  const why = hasVariables
    ? "the command line of this image has no place for them"
    : "the firmware offers no variables to the running system";
  if (!hasVariables || running === undefined)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot set the parameters of the next boot: ${why}`,
    );
}

function checkOf({ state, reason }: BootParameters): HealthCheck[] {
  // What waits for a restart is no trouble.
  if (reason === null || state === "after-restart") return [];
  const check = { name: "boot-parameters", status: "warning" } as const;
  if (state !== "refused") return [{ ...check, reason: `${state}: ${reason}` }];
  return [{ ...check, reason: `refused: ${reason}. Unset them or set others; see GET /boot` }];
}
