import { expect, it } from "vitest";
import { FRESH, noticeFinding, pauseMs, type Finding } from "./check-state.ts";
import { checkOf, isReplacedUnhealthy, type Check } from "./check.ts";
import { specOf } from "../workloads/workload.fixture.ts";

const CHECK: Check = {
  target: { kind: "tcp", port: 80 },
  intervalMs: 10_000,
  timeoutMs: 1000,
  retries: 3,
  startPeriodMs: 30_000,
};
const GOOD: Finding = { isGood: true };
const BAD: Finding = { isGood: false, reason: "no" };

/** The states after each finding; one every second. */
function story(findings: readonly Finding[], check: Partial<Check> = {}) {
  let state = FRESH;
  return findings.map((finding, at) => {
    const moment = { ageMs: at * 1000, nowMs: 5000 + at };
    state = noticeFinding(state, finding, { ...CHECK, ...check }, moment);
    return state;
  });
}

function statuses(findings: readonly Finding[], check: Partial<Check> = {}): string[] {
  return story(findings, check).map(({ status }) => status);
}

it.each<[string, readonly Finding[], Partial<Check>, readonly string[]]>([
  ["is healthy at once", [GOOD], {}, ["healthy"]],
  ["fails and is only starting", [BAD, BAD, BAD, BAD], {}, Array(4).fill("starting")],
  [
    "fails after its start period",
    [BAD, BAD, BAD, BAD],
    { startPeriodMs: 1000 },
    ["starting", "starting", "starting", "unhealthy"],
  ],
  [
    "fails after it was healthy, within its start period",
    [GOOD, BAD, BAD, BAD],
    {},
    ["healthy", "healthy", "healthy", "unhealthy"],
  ],
  ["fails, but not in a row", [GOOD, BAD, BAD, GOOD, BAD, BAD], {}, Array(6).fill("healthy")],
  ["recovers", [BAD, GOOD], { retries: 1, startPeriodMs: 0 }, ["unhealthy", "healthy"]],
])("one that %s", (_, findings, check, expected) => {
  expect(statuses(findings, check)).toEqual(expected);
});

it("remembers since when it is unhealthy, and why", () => {
  const states = story([GOOD, BAD, BAD, GOOD], { retries: 1 });
  expect(states.map(({ unhealthySinceMs, reason }) => [unhealthySinceMs, reason])).toEqual([
    [undefined, undefined],
    [5001, "no"],
    [5001, "no"],
    [undefined, undefined],
  ]);
});

it("asks often until the first good answer, or until the start period is over", () => {
  expect(pauseMs(FRESH, CHECK, 0)).toBe(1000);
  expect(pauseMs(FRESH, { ...CHECK, intervalMs: 200 }, 0)).toBe(200);
  expect(pauseMs(FRESH, CHECK, 30_000)).toBe(10_000);
  expect(pauseMs({ ...FRESH, status: "healthy" }, CHECK, 0)).toBe(10_000);
});

it("reads the settings", () => {
  const { health } = specOf();
  expect(checkOf(specOf())).toBeUndefined();
  const targetOf = (more: object) => checkOf(specOf({ health: { ...health, ...more } }))?.target;
  expect(targetOf({ command: ["/ready"] })).toEqual({ kind: "exec", command: ["/ready"] });
  expect(targetOf({ port: 80 })).toEqual({ kind: "tcp", port: 80 });
  expect(targetOf({ port: 80, path: "/" })).toEqual({ kind: "http", port: 80, path: "/" });
  expect(isReplacedUnhealthy(specOf())).toBe(true);
  expect(isReplacedUnhealthy(specOf({ restart: "never" }))).toBe(false);
});
