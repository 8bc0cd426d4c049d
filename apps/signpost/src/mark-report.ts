import type { BootFlags } from "@ballast/gpt";
import type { MarkPlan } from "./plan.ts";

export interface MarkReport {
  readonly disk: string;
  readonly plan: MarkPlan;
  readonly isDryRun: boolean;
}

/** The answer of mark-successful-boot, for people or as JSON. */
export function describeMark({ disk, plan, isDryRun }: MarkReport, json: boolean): string {
  const isChanged = plan.writes.length > 0;
  if (json)
    return `${JSON.stringify({
      disk,
      slot: plan.slot,
      changed: isChanged,
      dry_run: isDryRun,
      before: jsonFlags(plan.before),
      after: jsonFlags(plan.after),
      repairs: plan.repairs,
    })}\n`;
  if (!isChanged) return `Slot ${plan.slot} of ${disk} is marked successful already\n`;
  const lines = [
    `${isDryRun ? "Would mark" : "Marked"} slot ${plan.slot} of ${disk} successful: ${formatFlags(plan.before)} -> ${formatFlags(plan.after)}`,
    ...plan.repairs.map(
      ({ copy, fault }) => `${isDryRun ? "Would repair" : "Repaired"} ${copy} copy: ${fault}`,
    ),
  ];
  if (isDryRun)
    for (const { copy, writes } of plan.writes)
      for (const { offsetBytes, bytes } of writes)
        lines.push(`Would write ${bytes.length} bytes at ${offsetBytes} (${copy} copy)`);
  return `${lines.join("\n")}\n`;
}

function formatFlags({ priority, triesLeft, successful }: BootFlags): string {
  return `${priority}/${triesLeft}/${successful ? "successful" : "unproven"}`;
}

function jsonFlags({ priority, triesLeft, successful }: BootFlags): Record<string, unknown> {
  return { priority, tries_left: triesLeft, successful };
}
