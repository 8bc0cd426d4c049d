import type { UpdatePlan } from "@ballast/model";

/** The plan for people. */
export function planText(plan: UpdatePlan): string {
  const { version, current } = plan;
  if (version === null) return `Nothing to do: ${current} runs.\n`;
  const lines = [
    `${plan.downgrade ? "downgrade" : "update   "} ${current} -> ${version}`,
    `fetch     ${plan.bytes_to_fetch} bytes, ${plan.bytes_from_this_machine} are on this machine`,
    ...plan.space.map(
      ({ partition, needed_bytes: needed, available_bytes: available }) =>
        `space     ${partition}: ${needed} of ${available} bytes`,
    ),
    ...plan.obstacles.map(({ message }) => `refused   ${message}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
