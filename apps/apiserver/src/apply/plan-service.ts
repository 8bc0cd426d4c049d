import { describeError } from "@ballast/errors";
import type { FlatSettings, PlannedService, SettingsService } from "@ballast/model";
import type { ApplierParts } from "./applier.ts";
import { renderedSteps } from "./rendered-steps.ts";
import type { Unfinished } from "./unfinished.ts";

/** What applying a service with these values would do now; only reads. */
export async function planService(
  { fs, forecasts }: Pick<ApplierParts, "fs" | "forecasts">,
  entry: SettingsService,
  effective: FlatSettings,
  unfinished: Unfinished,
): Promise<PlannedService> {
  const { name, units, verb = "restart" } = entry.service;
  let plan: PlannedService = { name, files: [], verb: null, units: [] };
  try {
    const steps = await renderedSteps(fs, entry, effective);
    const isDue = steps.length > 0 || (await unfinished.has(name));
    const told = isDue && units.length > 0 ? { verb, units: [...units] } : {};
    plan = { ...plan, files: steps.map(({ path, action }) => ({ path, action })), ...told };
    const later = await forecasts?.[name]?.(effective);
    return later === undefined ? plan : { ...plan, later };
  } catch (error) {
    return { ...plan, problem: describeError(error) };
  }
}
