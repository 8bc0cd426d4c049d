import { describeError } from "@ballast/errors";
import type { Health, HealthCheck } from "@ballast/model";
import type { DatabaseState } from "@ballast/datastore";
import type { Exec } from "@ballast/system";
import type { BootState } from "../boot-state.ts";
import { listUnits, type UnitState } from "./unit-states.ts";

const CACHE_MS = 2000;
const CONTAINERD = "containerd.service";

export type HealthReader = () => Promise<Health>;

export interface HealthParts {
  readonly exec: Exec;
  readonly boot: () => BootState;
  readonly database: DatabaseState;
  readonly nowMs: () => number;
}

/** Health as of at most 2 s ago; however many ask, one systemctl runs at a time. */
export function createHealthReader(parts: HealthParts): HealthReader {
  let units: Promise<UnitState[]> | undefined;
  let readAtMs = 0;
  return async () => {
    if (units === undefined || parts.nowMs() - readAtMs >= CACHE_MS) {
      readAtMs = parts.nowMs();
      units = listUnits(parts.exec);
    }
    const checks = [settingsCheck(parts.boot()), databaseCheck(parts.database)];
    try {
      const states = await units;
      return summary([...checks, unitsCheck(states), containerdCheck(states)]);
    } catch (error) {
      return summary([
        ...checks,
        { name: "units", status: "failed", reason: describeError(error) },
      ]);
    }
  };
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
  const failed = boot.services.filter(({ status }) => status === "failed");
  if (failed.length === 0 && !boot.isConfigured)
    return { name, status: "waiting", reason: "not yet configured" };
  if (failed.length === 0) return { name, status: "ok" };
  const reason = failed.map((service) => `${service.name}: ${service.reason ?? "failed"}`);
  return { name, status: "failed", reason: reason.join("; ") };
}

function databaseCheck(state: DatabaseState): HealthCheck {
  if (state.kind !== "replaced") return { name: "database", status: "ok" };
  const reason = `was damaged (${state.reason}), kept as "${state.keptAs}", begun anew`;
  return { name: "database", status: "failed", reason };
}

function unitsCheck(units: readonly UnitState[]): HealthCheck {
  const failed = units.filter(({ active }) => active === "failed").map(({ unit }) => unit);
  if (failed.length === 0) return { name: "units", status: "ok" };
  return { name: "units", status: "failed", reason: `failed: ${failed.join(", ")}` };
}

function containerdCheck(units: readonly UnitState[]): HealthCheck {
  const name = "containerd";
  const state = units.find(({ unit }) => unit === CONTAINERD)?.active ?? "inactive";
  if (state === "active" || state === "reloading") return { name, status: "ok" };
  const reason = `${CONTAINERD} is ${state}`;
  return { name, status: state === "failed" ? "failed" : "waiting", reason };
}
