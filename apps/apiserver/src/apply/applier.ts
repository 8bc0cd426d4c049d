import { describeError } from "@ballast/errors";
import {
  affectedServices,
  renderService,
  SERVICES,
  type FlatSettings,
  type RenderedFile,
  type ServiceReport,
  type SettingsService,
} from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Exec, Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";
import { systemctl } from "./systemctl.ts";

/** What a service needs beyond its files and units, told whether a file changed; answers whether anything was done. */
export type ApplyHook = (effective: FlatSettings, hasNewFiles: boolean) => Promise<boolean>;

export interface Applier {
  /** Brings the services of these keys (all without) up to date, in the order of the registry. Never rejects. */
  apply(
    changedKeys: readonly string[] | undefined,
    options?: ApplyOptions,
  ): Promise<ServiceReport[]>;
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
}

export function createApplier(parts: ApplierParts): Applier {
  // What failed is tried again although its files no longer change.
  const unfinished = new Set<string>();
  return {
    apply: async (changedKeys, options = {}) => {
      const entries = changedKeys === undefined ? SERVICES : affectedServices(changedKeys);
      const effective = parts.effective();
      const reports: ServiceReport[] = [];
      for (const entry of entries) {
        const { name } = entry.service;
        const force = options.force === true || unfinished.has(name);
        const report = await applyService(parts, entry, effective, force);
        if (report.status === "ok") unfinished.delete(name);
        else unfinished.add(name);
        reports.push(report);
      }
      return reports;
    },
  };
}

async function applyService(
  parts: ApplierParts,
  entry: SettingsService,
  effective: FlatSettings,
  force: boolean,
): Promise<ServiceReport> {
  const { name, units } = entry.service;
  let action: ServiceReport["action"] = "rendered";
  try {
    let isChanged = false;
    for (const file of renderService(entry, effective))
      if (await putFile(parts.fs, file)) isChanged = true;
    if (units.length > 0 && (isChanged || force)) {
      action = "restarted";
      await systemctl(parts.exec, "restart", units);
    }
    if ((await parts.hooks[name]?.(effective, isChanged || force)) === true) action = "restarted";
    return { name, action, status: "ok" };
  } catch (error) {
    parts.log.error("Service not applied", { service: name, ...errorFields(error) });
    return { name, action, status: "failed", reason: describeError(error) };
  }
}

/** Answers whether the file was changed. */
async function putFile(fs: Fs, file: RenderedFile): Promise<boolean> {
  const path = `${PATHS.renderedFiles}/${file.path}`;
  if ((await fs.readText(path)) === file.text) return false;
  await fs.writeDurable(path, file.text, file.mode);
  return true;
}
