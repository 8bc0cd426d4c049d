import { describeError } from "@ballast/errors";
import { targetOf, type HealthCheck, type HealthTarget, type Settings } from "@ballast/model";
import { probeHttp, probeTcp } from "@ballast/system";
import type { Trust } from "./trust.ts";
import { activeStateOf, type UnitState } from "./unit-states.ts";

export type UserCheck = Settings["health"][string];

/** What checks look at besides what they name. */
export interface CheckWorld {
  readonly units: Promise<readonly UnitState[]>;
  readonly trust: Trust;
}

/** One entry of settings.health as a check of the same name. Never rejects. */
export async function userCheck(
  key: string,
  check: UserCheck,
  world: CheckWorld,
): Promise<HealthCheck> {
  const name = `health.${key}`;
  const target = targetOf(check);
  if (target === undefined)
    return { name, status: "failed", reason: "has nothing to look at: no unit, http or tcp" };
  try {
    return { name, ...(await verdictOn(target, check["timeout-seconds"] * 1000, world)) };
  } catch (error) {
    return { name, ...failed(`${labelOf(target)}: ${describeError(error)}`) };
  }
}

type Verdict = Omit<HealthCheck, "name">;
const OK: Verdict = { status: "ok" };

function failed(reason: string): Verdict {
  return { status: "failed", reason };
}

async function verdictOn(
  target: HealthTarget,
  timeoutMs: number,
  { units, trust }: CheckWorld,
): Promise<Verdict> {
  switch (target.kind) {
    case "unit":
      return unitVerdict(target.unit, activeStateOf(await units, target.unit));
    case "http": {
      const isSecure = target.url.protocol === "https:";
      const status = await probeHttp(target.url, {
        timeoutMs,
        trust: isSecure ? await trust() : undefined,
      });
      const { expectStatus } = target;
      const isMet =
        expectStatus === undefined ? status >= 200 && status < 300 : status === expectStatus;
      return isMet
        ? OK
        : failed(`${labelOf(target)} answered ${status}, must be ${expectStatus ?? "2xx"}`);
    }
    case "tcp":
      break;
  }
  await probeTcp(target.host, target.port, { timeoutMs });
  return OK;
}

function unitVerdict(unit: string, state: string): Verdict {
  if (state === "active") return OK;
  return { status: state === "activating" ? "waiting" : "failed", reason: `${unit} is ${state}` };
}

/** Without the query: it may be a secret, and reasons go to logs and consoles. */
function labelOf(target: HealthTarget): string {
  if (target.kind === "unit") return target.unit;
  if (target.kind === "tcp") return `${target.host}:${target.port}`;
  return `${target.url.origin}${target.url.pathname}`;
}
