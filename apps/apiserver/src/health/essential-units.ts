import type { HealthCheck } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";
import { activeStateOf, type UnitState } from "./unit-states.ts";

/** The units that this image calls essential, undefined if it does not say. One a line; `#` begins a comment. */
export async function readEssentialUnits(fs: Fs): Promise<readonly string[] | undefined> {
  const text = await fs.readText(PATHS.essentialUnits);
  return text
    ?.split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

export function essentialUnitsCheck(
  names: readonly string[] | undefined,
  units: readonly UnitState[],
): HealthCheck {
  const name = "essential-units";
  // An image without the list would pass for good whatever runs in it.
  if (names === undefined)
    return { name, status: "failed", reason: `the image lacks "${PATHS.essentialUnits}"` };
  const missing = names
    .map((unit) => ({ unit, state: activeStateOf(units, unit) }))
    .filter(({ state }) => state !== "active");
  if (missing.length === 0) return { name, status: "ok" };
  const reason = missing.map(({ unit, state }) => `${unit} is ${state}`).join(", ");
  const hasFailed = missing.some(({ state }) => state === "failed");
  return { name, status: hasFailed ? "failed" : "waiting", reason };
}
