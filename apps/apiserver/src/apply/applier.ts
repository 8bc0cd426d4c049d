import { describeError } from "@ballast/errors";
import {
  affectedServices,
  groupsWithoutEffect,
  SERVICES,
  type FlatSettings,
  type PlannedService,
  type ServiceReport,
  type SettingsService,
} from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Exec, Fs } from "@ballast/system";
import { planService } from "./plan-service.ts";
import { putFiles } from "./put-files.ts";
import { renderedSteps } from "./rendered-steps.ts";
import { systemctl } from "./systemctl.ts";
import { createUnfinished, type Unfinished } from "./unfinished.ts";

/**
 * What a service needs beyond its files and units, told whether a file changed; answers whether anything was done, or why it
 * can be done only later.
 */
export type ApplyHook = (
  effective: FlatSettings,
  hasNewFiles: boolean,
) => Promise<boolean | { readonly later: string }>;

/** Why what these values ask for can be done only when the machine starts anew, if it is so. Only looks. */
export type Forecast = (effective: FlatSettings) => Promise<string | undefined>;

/** Looks, after a service failed, for what systemd does not tell; one phrase for each thing found. */
export type Diagnosis = (effective: FlatSettings) => Promise<string[]>;

/** What must be done before files are written and units read them; told the paths of files that will change. */
export type Preparation = (changedFiles: readonly string[]) => Promise<void>;

export interface Applier {
  /** Brings the services of these keys (all without) up to date, in the order of the registry. Never rejects. */
  apply(
    changedKeys: readonly string[] | undefined,
    options?: ApplyOptions,
  ): Promise<ServiceReport[]>;
  /** What `apply` would do for these keys if these values were in force. Changes nothing. */
  plan(changedKeys: readonly string[], effective: FlatSettings): Promise<PlannedService[]>;
}

export interface ApplyOptions {
  /** Restart also what reads unchanged files. */
  readonly force?: boolean;
}

export interface ApplierParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly log: Log;
  readonly effective: () => FlatSettings;
  /** By name of the service. */
  readonly hooks: Readonly<Record<string, ApplyHook>>;
  /** By name of the service. */
  readonly preparations?: Readonly<Record<string, Preparation>>;
  /** By name of the service. */
  readonly forecasts?: Readonly<Record<string, Forecast>>;
  /** By name of the service. */
  readonly diagnoses?: Readonly<Record<string, Diagnosis>>;
}

export function createApplier(parts: ApplierParts): Applier {
  // What failed, or was cut off, is tried again although its files no longer change.
  const unfinished = createUnfinished(parts.fs);
  return {
    apply: async (changedKeys, options = {}) => {
      const entries = changedKeys === undefined ? SERVICES : affectedServices(changedKeys);
      const effective = parts.effective();
      const reports: ServiceReport[] = [];
      for (const entry of entries)
        reports.push(
          await applyService(parts, entry, effective, unfinished, options.force === true),
        );
      return [...reports, ...storedReports(changedKeys, effective)];
    },
    plan: async (changedKeys, effective) => {
      const plans: PlannedService[] = [];
      for (const entry of affectedServices(changedKeys))
        plans.push(await planService(parts, entry, effective, unfinished));
      return plans;
    },
  };
}

/** Says of settings that nothing reads yet that they are kept, and no more. */
function storedReports(
  changedKeys: readonly string[] | undefined,
  effective: FlatSettings,
): ServiceReport[] {
  return groupsWithoutEffect(changedKeys, effective).map(({ group, isSet }) => ({
    name: group,
    action: "stored",
    status: "ok",
    reason: isSet
      ? "is kept, and takes effect with a later version of Ballast"
      : "is no longer set; it had no effect",
  }));
}

async function applyService(
  parts: ApplierParts,
  entry: SettingsService,
  effective: FlatSettings,
  unfinished: Unfinished,
  isForced: boolean,
): Promise<ServiceReport> {
  const { name, units, verb = "restart" } = entry.service;
  let action: ServiceReport["action"] = "rendered";
  try {
    const steps = await renderedSteps(parts.fs, entry, effective);
    const isChanged = steps.length > 0;
    const isDue = isChanged || isForced || (await unfinished.has(name));
    if (isDue) await unfinished.add(name);
    // If it fails the files stay as they are, so that the next apply sees the same change.
    if (isChanged) await parts.preparations?.[name]?.(steps.map(({ path }) => path));
    await putFiles(parts.fs, steps);
    if (units.length > 0 && isDue) {
      action = "restarted";
      await systemctl(parts.exec, verb, units);
    }
    const done = await parts.hooks[name]?.(effective, isDue);
    await unfinished.delete(name);
    if (typeof done === "object")
      return { name, action: "stored", status: "ok", reason: done.later };
    return { name, action: done === true ? "restarted" : action, status: "ok" };
  } catch (error) {
    parts.log.error("Service not applied", { service: name, ...errorFields(error) });
    const found = (await parts.diagnoses?.[name]?.(effective)) ?? [];
    return { name, action, status: "failed", reason: [describeError(error), ...found].join("\n") };
  }
}
