import type { UpdatesStatus } from "@ballast/model";

/** The status for people. */
export function statusText(status: UpdatesStatus): string {
  const { active_partition: active, staging_partition: staging, chosen_update: chosen } = status;
  const lines = [
    `state     ${status.update_state}`,
    `running   ${active.image.version}${active.next_to_boot ? ", boots next" : ""}`,
    ...(staging === null
      ? []
      : [`other     ${staging.image.version}${staging.next_to_boot ? ", boots next" : ""}`]),
    ...(chosen === null ? [] : [`chosen    ${chosen.version}`]),
    `checked   ${status.checked_at ?? "never"}`,
    ...status.failed.map(({ version, reason }) => `failed    ${version}: ${reason}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
