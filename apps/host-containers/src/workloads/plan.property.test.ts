import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Simulation } from "./simulation.fixture.ts";
import { specOf, workloadOf } from "./workload.fixture.ts";

const NAMES = ["a", "b", "c", "d"] as const;

const spec = fc.record({
  image: fc.constantFrom("a.example.org/x:1", "a.example.org/x:2"),
  restart: fc.constantFrom("always", "on-failure", "never"),
  ports: fc.subarray(["80:1", "81:1"]),
  requires: fc.subarray([...NAMES]),
  health: fc.constantFrom(
    specOf().health,
    { ...specOf().health, port: 80 },
    { ...specOf().health, port: 80, "on-unhealthy": "report" as const },
  ),
} as const);
/**
 * As the settings' own rules want it: ports are given to one name only, and nothing leads back to itself. What is required but
 * not there is disabled.
 */
const desired = fc.dictionary(fc.constantFrom(...NAMES), spec).map((specs) =>
  Object.entries(specs).map(([name, one], index, all) => {
    const earlier = all.slice(0, index).flatMap(([, other]) => other.ports);
    return workloadOf(name, {
      ...one,
      ports: one.ports.filter((port) => !earlier.includes(port)),
      requires: one.requires.filter((required) => required < name),
    });
  }),
);
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("pass"), fails: fc.array(fc.boolean()) } as const),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("want"), desired } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("judge"),
      index: fc.nat(9),
      isGood: fc.boolean(),
    } as const),
  },
  fc.record({ kind: fc.constant("forget") } as const),
  fc.record({ kind: fc.constant("reboot") } as const),
  fc.record({ kind: fc.constant("crash"), index: fc.nat(9), code: fc.nat(2) } as const),
);

it("whatever happened, once nothing fails any more what is wanted runs in its order and nothing else does", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), desired, (story, last) => {
      const simulation = new Simulation();
      for (const event of story) {
        if (event.kind === "want") simulation.desired = event.desired;
        if (event.kind === "forget") simulation.forget();
        if (event.kind === "reboot") simulation.reboot();
        if (event.kind === "crash") simulation.crash(event.index, event.code);
        if (event.kind === "judge") simulation.judge(event.index, event.isGood);
        if (event.kind === "pass") {
          const fails = [...event.fails];
          simulation.pass(() => fails.pop() ?? false);
        }
      }
      simulation.desired = last;
      let quiet = 0;
      // Of four names each has at most two things to remove, eight steps to run, and a wait before each.
      for (let passes = 0; quiet < 2; passes++) {
        expect(passes).toBeLessThan(120);
        const beforeMs = simulation.nowMs;
        const actions = simulation.pass(() => false);
        const isJudged = simulation.judgeNew();
        const isQuiet = actions.length === 0 && simulation.nowMs === beforeMs && !isJudged;
        quiet = isQuiet ? quiet + 1 : 0;
      }
      const { sandboxes, containers, blocked } = simulation;
      const wanted = new Map(last.map((workload) => [workload.name, workload]));
      const names = sandboxes.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { name, hash } of sandboxes) expect(wanted.get(name)?.hash).toBe(hash);
      const containersOf = (name: string) => {
        const id = sandboxes.find((sandbox) => sandbox.name === name)?.id;
        return containers.filter(({ sandboxId }) => sandboxId === id);
      };
      for (const { name, spec: one } of last.filter((workload) => blocked.has(workload.name))) {
        expect(containersOf(name).filter(({ state }) => state !== "created")).toEqual([]);
        expect(one.requires?.every((required) => simulation.isThere(required))).toBe(false);
      }
      for (const { name, spec: one } of last.filter((workload) => !blocked.has(workload.name))) {
        const own = containersOf(name);
        expect(own).toHaveLength(1);
        const states = one.restart === "always" ? ["running"] : ["running", "exited"];
        expect(states).toContain(own[0]?.state);
      }
    }),
    { numRuns: 1000 },
  );
});
