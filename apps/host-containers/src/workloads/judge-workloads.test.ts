import { WorkloadList } from "@ballast/model";
import { expect, it } from "vitest";
import type { CheckState } from "../health/check-state.ts";
import { judgeWorkloads } from "./judge-workloads.ts";
import { freshMemory, noticeExit, noticeFailure, noticeImage, type Memory } from "./memory.ts";
import { workloadOf } from "./workload.fixture.ts";
import type { ActualContainer, WorkloadSpec } from "./workload.ts";

const NOW_MS = Date.UTC(2026, 0, 2);
const EXIT = { code: 3, startedAtMs: NOW_MS - 2000, atMs: NOW_MS - 1000 };

interface Given {
  readonly spec?: Partial<WorkloadSpec>;
  readonly container?: Partial<ActualContainer>;
  readonly isOld?: boolean;
  readonly isUnwanted?: boolean;
  readonly memory?: (memory: Memory) => Memory;
  readonly waitMs?: number;
  readonly blocked?: string;
  readonly health?: CheckState;
}

function judge({ spec, container, isOld, isUnwanted, memory, waitMs, blocked, health }: Given) {
  const web = workloadOf("web", spec);
  const hash = isOld === true ? "old" : web.hash;
  const sandbox = { id: "s", name: "web", hash, isReady: true, ports: [] };
  const made = { id: "c", sandboxId: "s", attempt: 1, imageId: "i", createdAtMs: NOW_MS - 5000 };
  const fresh = freshMemory(web.hash);
  const [status, ...more] = judgeWorkloads(
    {
      desired: isUnwanted === true ? [] : [web],
      actual: {
        sandboxes: container === undefined ? [] : [sandbox],
        containers: container === undefined ? [] : [{ ...made, state: "running", ...container }],
      },
      memories: new Map([["web", memory?.(fresh) ?? fresh]]),
      health: new Map(health === undefined ? [] : [["c", health]]),
      busy: new Set(),
      nowMs: NOW_MS,
    },
    {
      waits: new Map(waitMs === undefined ? [] : [["web", waitMs]]),
      blocked: new Map(blocked === undefined ? [] : [["web", blocked]]),
    },
    new Map([["i", "sha256:d"]]),
  );
  expect(more).toEqual([]);
  expect(WorkloadList.parse([status])).toEqual([status]);
  return status;
}

it("tells what runs, since when and from which image", () => {
  expect(judge({ container: {} })).toEqual({
    name: "web",
    kind: "workload",
    state: "running",
    since: "2026-01-01T23:59:55.000Z",
    restarts: 1,
    exit_code: null,
    health: "none",
    health_reason: null,
    image: "registry.example.org/web:1",
    digest: "sha256:d",
    reason: null,
    next_try: null,
    cgroup: "/ballast.slice/ballast-containers.slice/cri-containerd-c.scope",
  });
});

it.each<[string, Given, object]>([
  ["one that is new", {}, { state: "starting", since: null, digest: null }],
  ["one that is made anew", { container: {}, isOld: true }, { state: "starting", digest: null }],
  [
    "what failed",
    { memory: (one) => noticeFailure(one, "no such image", NOW_MS, 0), waitMs: NOW_MS + 1000 },
    { state: "waiting", reason: "no such image", next_try: "2026-01-02T00:00:01.000Z" },
  ],
  [
    "what ended and is started again",
    {
      container: { state: "exited", exit: EXIT },
      memory: (one) => noticeExit(one, { ...RUN, exit: EXIT }),
      waitMs: NOW_MS,
    },
    { state: "waiting", since: "2026-01-01T23:59:59.000Z", exit_code: 3 },
  ],
  [
    "what the kernel killed",
    {
      container: { state: "exited", exit: { ...EXIT, reason: "Out of memory" } },
      memory: (one) => noticeExit(one, { ...RUN, exit: { ...EXIT, reason: "Out of memory" } }),
    },
    { exit_code: 3, reason: "Out of memory" },
  ],
  [
    "what runs from an image that may be old",
    { container: {}, memory: (one) => noticeImage(one, { id: "i", staleReason: "Uses it" }) },
    { state: "running", reason: "Uses it" },
  ],
  [
    "what ended for good",
    { spec: { restart: "never" }, container: { state: "exited", exit: EXIT } },
    { state: "ended", next_try: null, cgroup: null },
  ],
  [
    "what must come after something else",
    { blocked: "waits for db" },
    { state: "waiting", health: "none", reason: "waits for db", next_try: null },
  ],
  [
    "what is unhealthy and is about to be replaced",
    {
      container: {},
      health: { status: "unhealthy", failures: 3, reason: "no", unhealthySinceMs: NOW_MS },
      waitMs: NOW_MS + 1000,
    },
    {
      state: "running",
      health: "unhealthy",
      health_reason: "no",
      reason: null,
      next_try: "2026-01-02T00:00:01.000Z",
    },
  ],
  ["what is in the settings no more", { container: {}, isUnwanted: true }, { state: "removing" }],
])("tells of %s", (_what, given, expected) => {
  expect(judge(given)).toMatchObject(expected);
});

const RUN: ActualContainer = {
  ...{ id: "c", sandboxId: "s", state: "exited", attempt: 0, imageId: "i", createdAtMs: 0 },
};
