import { nextSlot, rootHashOf, type BootFlags, type SlotName } from "@ballast/gpt";
import type { Plan } from "./plan.ts";
import { formatResets, slotStatus } from "./status.ts";

export interface Report {
  readonly disk: string;
  readonly plan: Plan;
  readonly isDryRun: boolean;
}

/** The answer of a command that writes, for people or as JSON. */
export function describeReport(report: Report, json: boolean): string {
  return json ? `${JSON.stringify(jsonReport(report))}\n` : textReport(report);
}

function jsonReport({ disk, plan, isDryRun }: Report): Record<string, unknown> {
  const { before, after } = plan;
  return {
    disk,
    command: plan.command,
    changed: plan.writes.length > 0,
    dry_run: isDryRun,
    next: nextSlot(after),
    before: { A: slotStatus(before.A), B: slotStatus(before.B) },
    after: { A: slotStatus(after.A), B: slotStatus(after.B) },
    reset_due: plan.resetsAfter,
    repairs: plan.repairs,
  };
}

function textReport({ disk, plan, isDryRun }: Report): string {
  if (plan.writes.length === 0) return `${plan.command}: nothing to do on ${disk}\n`;
  const lines = [
    `${plan.command}: ${isDryRun ? "would write" : "wrote"} ${plan.writes.map(({ copy }) => copy).join(", ")} of ${disk}`,
    ...(["A", "B"] as const).flatMap((name) => slotLines(plan, name)),
    ...plan.repairs.map(({ copy, fault }) => `repair   ${copy} copy: ${fault}`),
    `next     slot ${nextSlot(plan.after)}`,
    ...resetLines(plan),
  ];
  if (isDryRun)
    for (const { copy, writes } of plan.writes)
      for (const { offsetBytes, bytes } of writes)
        lines.push(`write    ${bytes.length} bytes at ${offsetBytes} (${copy})`);
  return lines.map((line) => `${line}\n`).join("");
}

function slotLines({ before, after }: Plan, name: SlotName): string[] {
  const changes = [
    [formatFlags(before[name].flags), formatFlags(after[name].flags)],
    [rootHashOf(before[name]), rootHashOf(after[name])],
  ] as const;
  return changes
    .filter(([old, fresh]) => old !== fresh)
    .map(([old, fresh]) => `slot ${name}   ${old} -> ${fresh}`);
}

function resetLines({ resetsBefore, resetsAfter }: Plan): string[] {
  const [old, fresh] = [formatResets(resetsBefore), formatResets(resetsAfter)];
  return old === fresh ? [] : [`reset    ${old} -> ${fresh}`];
}

/** Priority, tries left, state. */
export function formatFlags({ priority, triesLeft, successful }: BootFlags): string {
  return `${priority}/${triesLeft}/${successful ? "successful" : "unproven"}`;
}
