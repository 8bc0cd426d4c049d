import type { ContainerList } from "@ballast/model";
import { listOf, oneNumber, oneOf, oneText, recordOf, textOrNull } from "./fields.ts";

const KINDS = ["workload", "host", "bootstrap"] as const;
const HEALTH = ["none", "starting", "healthy", "unhealthy"] as const;
const STATES = ["starting", "running", "waiting", "ended", "removing", "disabled"] as const;

export function parseContainers(body: unknown): ContainerList {
  return listOf(body, "containers").map((item) => {
    const one = recordOf(item, "container");
    return {
      name: oneText(one["name"], "name"),
      kind: oneOf(one["kind"], KINDS, "kind"),
      state: oneOf(one["state"], STATES, "state"),
      since: textOrNull(one["since"], "since"),
      restarts: oneNumber(one["restarts"], "restarts"),
      exit_code: numberOrNull(one["exit_code"], "exit_code"),
      health: oneOf(one["health"], HEALTH, "health"),
      health_reason: textOrNull(one["health_reason"], "health_reason"),
      image: textOrNull(one["image"], "image"),
      digest: textOrNull(one["digest"], "digest"),
      reason: textOrNull(one["reason"], "reason"),
      next_try: textOrNull(one["next_try"], "next_try"),
      cpu_usage_us: numberOrNull(one["cpu_usage_us"], "cpu_usage_us"),
      memory_bytes: numberOrNull(one["memory_bytes"], "memory_bytes"),
      pids: numberOrNull(one["pids"], "pids"),
    };
  });
}

function numberOrNull(value: unknown, name: string): number | null {
  return value === null ? null : oneNumber(value, name);
}
