import { describeError } from "@ballast/errors";
import type { HealthCheck } from "@ballast/model";
import { askGrpcHealth } from "./grpc-health.ts";
import { activeStateOf, type UnitState } from "./unit-states.ts";

const UNIT = "containerd.service";
const TIMEOUT_MS = 3000;

/** A unit that is active may still not answer, so containerd itself is asked. */
export async function containerdCheck(
  units: readonly UnitState[],
  socketPath: string,
): Promise<HealthCheck> {
  const name = "containerd";
  const state = activeStateOf(units, UNIT);
  if (state !== "active")
    return {
      name,
      status: state === "failed" ? "failed" : "waiting",
      reason: `${UNIT} is ${state}`,
    };
  try {
    const serving = await askGrpcHealth(socketPath, TIMEOUT_MS);
    if (serving === "SERVING") return { name, status: "ok" };
    return { name, status: "failed", reason: `containerd says ${serving}` };
  } catch (error) {
    return {
      name,
      status: "failed",
      reason: `containerd does not answer: ${describeError(error)}`,
    };
  }
}
