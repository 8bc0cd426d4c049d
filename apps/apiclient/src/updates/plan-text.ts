import type { UpdatePlan } from "@ballast/model";
import { columns } from "../text-layout.ts";
import { amountOf } from "./amounts.ts";

/** A plan for people. */
export function planLines(plan: UpdatePlan): string[] {
  if (plan.version === null)
    return [`${plan.current} runs; there is nothing to do`, ...obstacleLines(plan)];
  return [
    plan.downgrade
      ? `Back to ${plan.version} from ${plan.current}`
      : `${plan.version} instead of ${plan.current}`,
    ...columns([
      ["  to fetch", amountOf(plan.bytes_to_fetch)],
      ["  from here", amountOf(plan.bytes_from_this_machine)],
      ...plan.space.map(({ partition, needed_bytes: needed, available_bytes: available }) => [
        `  ${partition}`,
        `${amountOf(needed)} of ${amountOf(available)}`,
      ]),
      ["  settings", settingsText(plan)],
      ["  restarts", restartText(plan)],
    ]),
    ...obstacleLines(plan),
  ];
}

function settingsText({ settings_migrations: migrations }: UpdatePlan): string {
  if (migrations === null) return "brought into its form when the version starts";
  if (migrations.length === 0) return "stay as they are";
  return migrations.map(({ to, describe }) => `${to}: ${describe}`).join("; ");
}

function restartText({ services }: UpdatePlan): string {
  if (services.includes("all")) return "the machine, and so every service and container";
  return services.length === 0 ? "nothing" : services.join(", ");
}

function obstacleLines({ obstacles }: UpdatePlan): string[] {
  return obstacles.map(
    ({ message, hint }) => `Would be refused: ${message}${hint === null ? "" : `. ${hint}`}`,
  );
}
