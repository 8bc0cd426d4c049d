import type { ContainerList, ContainerStatus } from "@ballast/model";
import type { MetricFamily, Sample } from "./prometheus-text.ts";

/** One series for each container in each family: there are as many as the settings and the manager allow, and no more. */
export function containerMetrics(list: ContainerList): MetricFamily[] {
  const of = (value: (one: ContainerStatus) => number | null): Sample[] =>
    list.flatMap((one) => {
      const found = value(one);
      const { kind, name } = one;
      return found === null ? [] : [{ labels: { kind, name }, value: found }];
    });
  return [
    {
      ...{ name: "ballast_container_state", type: "gauge" },
      help: "The state that a container is in; always 1.",
      samples: list.map(({ kind, name, state }) => ({ labels: { kind, name, state }, value: 1 })),
    },
    {
      ...{ name: "ballast_container_restarts", type: "gauge" },
      help: "Restarts of a container since it was made from its present settings.",
      samples: of(({ restarts }) => restarts),
    },
    {
      ...{ name: "ballast_container_cpu_seconds_total", type: "counter" },
      help: "Processor time of a container since it was started.",
      samples: of(({ cpu_usage_us: us }) => (us === null ? null : us / 1e6)),
    },
    {
      ...{ name: "ballast_container_memory_bytes", type: "gauge" },
      help: "Memory of a container without files that the kernel can drop.",
      samples: of(({ memory_bytes: bytes }) => bytes),
    },
    {
      ...{ name: "ballast_container_processes", type: "gauge" },
      help: "Processes and threads of a container.",
      samples: of(({ pids }) => pids),
    },
  ];
}
