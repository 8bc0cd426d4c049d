import { expect, it } from "vitest";
import { asidePath, logStep, MAX_LOG_BYTES, runningLogs } from "./log-rotation.ts";
import { PLACES } from "../places.ts";
import type { ActualContainer, ContainerState } from "../workloads/workload.ts";

it.each([
  ["leaves an empty log", 0, undefined],
  ["leaves a log of just the limit", MAX_LOG_BYTES, undefined],
  ["begins a log above the limit anew", MAX_LOG_BYTES + 1, "rotate"],
  ["opens one that was put aside, and only that", undefined, "reopen"],
])("%s", (_, sizeBytes, step) => {
  expect(logStep(sizeBytes, MAX_LOG_BYTES)).toBe(step);
});

it("looks at the logs of what runs, where containerd was told to write them", () => {
  const actual = {
    sandboxes: ["web", "db"].map((name) => ({
      ...{ id: `of-${name}`, name, hash: "", isReady: true, ports: [] },
    })),
    containers: [
      containerOf("a", "of-web", 3, "exited"),
      containerOf("b", "of-web", 4, "running"),
      containerOf("c", "of-db", 0, "created"),
      containerOf("d", "of-none", 0, "running"),
      containerOf("e", "of-db", 0, "unknown"),
    ],
  };
  expect(runningLogs(actual, PLACES)).toEqual([
    { name: "web", containerId: "b", path: "/var/log/containers/web/4.log" },
  ]);
});

it("has one place to put a log aside, beside it", () => {
  expect(asidePath("/var/log/containers/web/4.log")).toBe("/var/log/containers/web/4.log.1");
});

function containerOf(
  id: string,
  sandboxId: string,
  attempt: number,
  state: ContainerState,
): ActualContainer {
  return { id, sandboxId, state, attempt, imageId: "image", createdAtMs: 0 };
}
