import { describe, expect, it } from "vitest";
import {
  delayMs,
  freshMemory,
  MAX_DELAY_MS,
  noticeExit,
  noticeFailure,
  noticeUnhealthy,
  remember,
  STABLE_MS,
} from "./memory.ts";
import { workloadOf } from "./workload.fixture.ts";
import type { ActualContainer } from "./workload.ts";

function ended(id: string, ranMs: number): ActualContainer {
  const exit = { code: 1, startedAtMs: 1000, atMs: 1000 + ranMs };
  const made = { attempt: 0, imageId: "i", createdAtMs: 1000 };
  return { id, sandboxId: "s", state: "exited", ...made, exit };
}

describe("remember()", () => {
  const web = workloadOf("web");
  const codes = new Map([["web", 3]]);
  const of = (hash: string) => ({
    sandboxes: [{ id: "s", name: "web", hash, isReady: true, ports: [] }],
    containers: [],
  });

  it("takes the exit code that an earlier manager knew for what is still the same", () => {
    const memory = remember(new Map(), [web], of(web.hash), new Map(), codes).get("web");
    expect(memory).toEqual({ ...freshMemory(web.hash), exitCode: 3 });
    const other = remember(new Map(), [web], of("other"), new Map(), codes).get("web");
    expect(other).toEqual(freshMemory(web.hash));
    const known = new Map([["web", freshMemory(web.hash)]]);
    expect(
      remember(known, [web], of(web.hash), new Map(), codes).get("web")?.exitCode,
    ).toBeUndefined();
  });
});

describe("waiting", () => {
  it("doubles, up to five minutes", () => {
    expect([0, 1, 2, 3, 9].map(delayMs)).toEqual([1000, 1000, 2000, 4000, 256_000]);
    expect([10, 50, 5000].map(delayMs)).toEqual([MAX_DELAY_MS, MAX_DELAY_MS, MAX_DELAY_MS]);
  });

  it("counts each end once, and begins anew after one that ran long", () => {
    const once = noticeExit(freshMemory("h"), ended("a", 10));
    expect(noticeExit(once, ended("a", 10))).toEqual(once);
    const twice = noticeExit(once, ended("b", 10));
    expect([once.exits, twice.exits]).toEqual([1, 2]);
    expect(noticeExit(twice, ended("c", STABLE_MS)).exits).toBe(1);
  });

  it("counts one that is unhealthy as ended, once, and keeps what it ends with", () => {
    const web: ActualContainer = { ...ended("a", 10), state: "running" };
    const unhealthy = noticeUnhealthy(freshMemory("h"), web, 5000);
    expect(unhealthy.exits).toBe(1);
    expect(noticeUnhealthy(unhealthy, web, 9000)).toBe(unhealthy);
    expect(noticeExit(unhealthy, ended("a", 10))).toMatchObject({ exits: 1, exitCode: 1 });
    const next = noticeUnhealthy(unhealthy, { ...web, id: "b" }, 5000);
    expect(next.exits).toBe(2);
    expect(noticeUnhealthy(next, { ...web, id: "c" }, 1000 + STABLE_MS).exits).toBe(1);
  });

  it("is spread after failures", () => {
    const first = noticeFailure(freshMemory("h"), "no", 5000, 0);
    expect([first.failures, first.reason, first.retryAtMs]).toEqual([1, "no", 6000]);
    expect(noticeFailure(first, "no", 5000, 1).retryAtMs).toBe(8000);
  });
});
