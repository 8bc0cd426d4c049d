import { describeError } from "@ballast/errors";
import type { CisReport, CisResult, CisStatus } from "@ballast/model";
import type { CisCheck } from "./cis-check.ts";
import { FIREWALL_CHECKS } from "./firewall-checks.ts";
import { JOURNAL_CHECKS } from "./journal-checks.ts";
import { KERNEL_CHECKS } from "./kernel-checks.ts";
import type { MachineLook } from "./machine-look.ts";
import { NETWORK_CHECKS } from "./network-checks.ts";
import { SYSTEM_CHECKS } from "./system-checks.ts";

export type CisLevel = CisReport["level"];

/** The nearest benchmark that there is for a system of this kind; its numbers, our words and judgement. */
export const BENCHMARK = "Ballast, by the numbers of the CIS Bottlerocket Benchmark";

/** Every check, in the order of its number. */
export const CIS_CHECKS: readonly CisCheck[] = [
  ...KERNEL_CHECKS,
  ...SYSTEM_CHECKS,
  ...NETWORK_CHECKS,
  ...FIREWALL_CHECKS,
  ...JOURNAL_CHECKS,
].toSorted((left, right) => left.id.localeCompare(right.id, "en", { numeric: true }));

/** Never rejects: a check that cannot look is an ERROR, whatever kept it from looking. */
export async function runChecks(
  machine: MachineLook,
  level: CisLevel,
  checks = CIS_CHECKS,
): Promise<CisReport> {
  const results: CisResult[] = [];
  for (const check of checks.filter((one) => one.level <= level))
    results.push(await runCheck(check, machine));
  const counts = { PASS: 0, FAIL: 0, SKIP: 0, ERROR: 0 };
  for (const { status } of results) counts[status] += 1;
  return { benchmark: BENCHMARK, level, status: overall(counts), counts, checks: results };
}

async function runCheck(check: CisCheck, machine: MachineLook): Promise<CisResult> {
  const { id, title, level, mode } = check;
  const facts = { id, title, level, mode };
  try {
    return { ...facts, ...(await check.look(machine)) };
  } catch (error) {
    return { ...facts, status: "ERROR", evidence: sentence(describeError(error)) };
  }
}

function overall(counts: Readonly<Record<CisStatus, number>>): CisReport["status"] {
  if (counts.FAIL > 0) return "FAIL";
  return counts.ERROR > 0 ? "ERROR" : "PASS";
}

function sentence(reason: string): string {
  return `${reason.replaceAll(/\s+/g, " ").replace(/\.$/, "")}.`;
}
