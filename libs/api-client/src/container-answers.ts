import type { WorkloadList } from "@ballast/model";
import { listOf, oneNumber, oneOf, oneText, recordOf, textOrNull } from "./fields.ts";

const KINDS = ["workload", "host", "bootstrap"] as const;
const HEALTH = ["none", "starting", "healthy", "unhealthy"] as const;
const STATES = ["starting", "running", "waiting", "ended", "removing", "disabled"] as const;

export function parseContainers(body: unknown): WorkloadList {
  return listOf(body, "containers").map((item) => {
    const one = recordOf(item, "container");
    const { exit_code: exitCode } = one;
    return {
      name: oneText(one["name"], "name"),
      kind: oneOf(one["kind"], KINDS, "kind"),
      state: oneOf(one["state"], STATES, "state"),
      since: textOrNull(one["since"], "since"),
      restarts: oneNumber(one["restarts"], "restarts"),
      exit_code: exitCode === null ? null : oneNumber(exitCode, "exit_code"),
      health: oneOf(one["health"], HEALTH, "health"),
      health_reason: textOrNull(one["health_reason"], "health_reason"),
      image: textOrNull(one["image"], "image"),
      digest: textOrNull(one["digest"], "digest"),
      reason: textOrNull(one["reason"], "reason"),
      next_try: textOrNull(one["next_try"], "next_try"),
    };
  });
}
