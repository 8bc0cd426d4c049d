import { UpdateState, type UpdatesStatus } from "@ballast/model";
import type { MetricFamily } from "./prometheus-text.ts";

/** How updates stand; nothing before the update agent's first run in this boot. */
export function updateMetrics(status: UpdatesStatus | undefined): MetricFamily[] {
  if (status === undefined) return [];
  const { update_state: state, chosen_update: chosen, failed, checked_at: checkedAt } = status;
  return [
    {
      name: "ballast_update_state",
      help: "1 for the state that updates are in.",
      type: "gauge",
      samples: UpdateState.options.map((name) => ({
        labels: { state: name },
        value: Number(name === state),
      })),
    },
    {
      name: "ballast_update_chosen_info",
      help: "The version that this machine would take, or has taken in hand; always 1.",
      type: "gauge",
      samples: chosen === null ? [] : [{ labels: { version_id: chosen.version }, value: 1 }],
    },
    {
      name: "ballast_update_failed_versions",
      help: "Versions that ran here and did not stay.",
      type: "gauge",
      samples: [{ value: failed.length }],
    },
    {
      name: "ballast_update_last_check_timestamp_seconds",
      help: "When the repository of updates was last asked and answered.",
      type: "gauge",
      samples: checkedAt === null ? [] : [{ value: Date.parse(checkedAt) / 1000 }],
    },
  ];
}
