import type { ContainerStatus } from "@ballast/model";
import { expect, it } from "vitest";
import { cpuShares } from "./cpu-shares.ts";

const WEB: ContainerStatus = {
  ...{ name: "web", kind: "workload", state: "running", since: null, restarts: 0, exit_code: null },
  ...{ health: "none", health_reason: null, image: "a.io/web:1", digest: null, reason: null },
  ...{ next_try: null, cpu_usage_us: 1_000_000, memory_bytes: 1, pids: 1 },
};

it("is the processor time between two looks, of those that ran at both", () => {
  const host: ContainerStatus = { ...WEB, kind: "host" };
  const after: ContainerStatus[] = [
    { ...WEB, cpu_usage_us: 1_250_000 },
    { ...host, cpu_usage_us: 2_000_000 },
  ];
  expect(cpuShares([WEB, host], after, 500)).toEqual(
    new Map([
      ["workload/web", 0.5],
      ["host/web", 2],
    ]),
  );
  for (const [before, now] of [
    [[], [WEB]],
    [[WEB], []],
    [[WEB], [{ ...WEB, cpu_usage_us: 10 }]],
    [[WEB], [{ ...WEB, cpu_usage_us: null }]],
    [[{ ...WEB, cpu_usage_us: null }], [WEB]],
  ] satisfies [ContainerStatus[], ContainerStatus[]][])
    expect(cpuShares(before, now, 500).size).toBe(0);
});
