import type { Exec } from "@ballast/system";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** What `systemctl list-units --output=json` tells of a unit; its other members are of no interest. */
const Units = z.array(z.object({ unit: z.string(), active: z.string() }));
export type UnitState = z.output<typeof Units>[number];

/** Units that are active, failed, or have a job. One call answers all that health needs. */
export async function listUnits(exec: Exec): Promise<UnitState[]> {
  const { exitCode, stdout, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["list-units", "--no-pager", "--output=json"],
    timeoutMs: 10_000,
  });
  if (exitCode !== 0)
    throw new ApiError("apiserver.command-failed", `Cannot list units: "${stderr.trim()}"`);
  try {
    return Units.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new ApiError("apiserver.command-failed", "Cannot read the list of units", { cause });
  }
}

/** systemd's word for the state of a unit. One that reloads does its work meanwhile; one not listed is inactive. */
export function activeStateOf(units: readonly UnitState[], name: string): string {
  const state = units.find(({ unit }) => unit === name)?.active ?? "inactive";
  return state === "reloading" ? "active" : state;
}
