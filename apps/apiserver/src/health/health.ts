import { describeError } from "@ballast/errors";
import type { Health, HealthCheck } from "@ballast/model";
import type { DatabaseState } from "@ballast/datastore";
import type { Exec } from "@ballast/system";
import type { BootState } from "../boot-state.ts";
import type { CertificateDates } from "../remote/certificate-dates.ts";
import { cached } from "./cached.ts";
import { certificatesCheck } from "./certificates-check.ts";
import { containerdCheck } from "./containerd-check.ts";
import { essentialUnitsCheck } from "./essential-units.ts";
import { listUnits, type UnitState } from "./unit-states.ts";
import type { Trust } from "./trust.ts";
import { userCheck, type UserCheck } from "./user-check.ts";

/** Of the group `boot`, see `@ballast/model`. */
const PARAMETER_SERVICE = "boot-parameters";

/** A failed update is a fact of updates: the system that runs is none the worse for it. */
const UPDATE_AGENT = "update-agent@";
const CACHE_MS = 2000;

export type HealthReader = () => Promise<Health>;

export interface HealthParts {
  readonly exec: Exec;
  readonly boot: () => BootState;
  readonly database: DatabaseState;
  readonly state: () => Promise<HealthCheck>;
  readonly nowMs: () => number;
  /** Undefined if the image does not say. */
  readonly essentialUnits: readonly string[] | undefined;
  readonly containerdSocket: string;
  /** Of the remote API. */
  readonly certificates: () => readonly CertificateDates[];
  readonly userChecks: () => Readonly<Record<string, UserCheck>>;
  /** For user checks by https. */
  readonly trust: Trust;
  /** Of the kernel and init parameters, if there is something to say. */
  readonly parameters: () => Promise<readonly HealthCheck[]>;
}

/** Health as of at most 2 s ago. Nothing is looked at but when somebody asks, and then everything at once. */
export function createHealthReader(parts: HealthParts): HealthReader {
  const lookCached = cached(CACHE_MS, parts.nowMs, () => look(parts));
  let known = parts.boot();
  let applies = 0;
  return async () => {
    if (parts.boot() !== known) applies += 1;
    known = parts.boot();
    // Changed checks are asked at once, and an apply may have restarted what was seen before.
    const outside = await lookCached(JSON.stringify([applies, parts.userChecks()]));
    const certificates = certificatesCheck(parts.certificates(), Date.now());
    const own = [
      settingsCheck(parts.boot()),
      databaseCheck(parts.database),
      await parts.state(),
      ...(parts.boot().isConfigured ? await parts.parameters() : []),
      ...certificates,
    ];
    return summary([...own, ...outside]);
  };
}

/** What lies outside of this process. Never rejects. */
async function look(parts: HealthParts): Promise<HealthCheck[]> {
  const units = listUnits(parts.exec);
  const users = Object.entries(parts.userChecks())
    .toSorted(([left], [right]) => left.localeCompare(right))
    .map(([key, check]) => userCheck(key, check, { units, trust: parts.trust }));
  return [...(await systemChecks(parts, units)), ...(await Promise.all(users))];
}

async function systemChecks(
  { essentialUnits, containerdSocket }: HealthParts,
  units: Promise<readonly UnitState[]>,
): Promise<HealthCheck[]> {
  try {
    const states = await units;
    const containerd = await containerdCheck(states, containerdSocket);
    return [unitsCheck(states), essentialUnitsCheck(essentialUnits, states), containerd];
  } catch (error) {
    return [{ name: "units", status: "failed", reason: describeError(error) }];
  }
}

function summary(checks: HealthCheck[]): Health {
  if (checks.some(({ status }) => status === "failed")) return { status: "degraded", checks };
  if (checks.some(({ status }) => status === "waiting")) return { status: "starting", checks };
  return { status: "healthy", checks };
}

function settingsCheck(boot: BootState): HealthCheck {
  const name = "settings";
  if (boot.userDataError !== null)
    return { name, status: "failed", reason: `user data refused: ${boot.userDataError}` };
  // What the firmware does not keep would be missing with another slot, too: the check of its own warns.
  const failed = boot.services.filter(
    ({ name: service, status }) => status === "failed" && service !== PARAMETER_SERVICE,
  );
  if (failed.length === 0 && !boot.isConfigured)
    return { name, status: "waiting", reason: "not yet configured" };
  const notGenerated = boot.generators.filter(({ status }) => status === "failed");
  if (failed.length === 0 && notGenerated.length === 0) return { name, status: "ok" };
  if (failed.length === 0)
    return {
      name,
      status: "warning",
      reason: `not generated: ${reasonsOf(notGenerated.map(({ key, reason }) => ({ name: key, reason })))}`,
    };
  return { name, status: "failed", reason: reasonsOf(failed) };
}

function reasonsOf(parts: readonly { name: string; reason?: string | undefined }[]): string {
  return parts.map(({ name, reason }) => `${name}: ${reason ?? "failed"}`).join("; ");
}

function databaseCheck(state: DatabaseState): HealthCheck {
  if (state.kind !== "replaced") return { name: "database", status: "ok" };
  const reason = `was damaged (${state.reason}), kept as "${state.keptAs}", begun anew`;
  return { name: "database", status: "failed", reason };
}

function unitsCheck(units: readonly UnitState[]): HealthCheck {
  const failed = units
    .filter(({ unit, active }) => active === "failed" && !unit.startsWith(UPDATE_AGENT))
    .map(({ unit }) => unit);
  if (failed.length === 0) return { name: "units", status: "ok" };
  return { name: "units", status: "failed", reason: `failed: ${failed.join(", ")}` };
}
