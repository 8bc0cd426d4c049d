import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Simulation } from "./simulation.fixture.ts";
import { workloadOf } from "./workload.fixture.ts";

const spec = fc.record({
  image: fc.constantFrom("a.example.org/x:1", "a.example.org/x:2"),
  restart: fc.constantFrom("always", "on-failure", "never"),
  ports: fc.subarray(["80:1", "81:1"]),
} as const);
/** Ports are given to one name only, as the settings' own rule wants it. */
const desired = fc.dictionary(fc.constantFrom("a", "b", "c"), spec).map((specs) =>
  Object.entries(specs).map(([name, one], index, all) => {
    const earlier = all.slice(0, index).flatMap(([, other]) => other.ports);
    return workloadOf(name, { ...one, ports: one.ports.filter((port) => !earlier.includes(port)) });
  }),
);
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("pass"), fails: fc.array(fc.boolean()) } as const),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("want"), desired } as const) },
  fc.record({ kind: fc.constant("forget") } as const),
  fc.record({ kind: fc.constant("reboot") } as const),
  fc.record({ kind: fc.constant("crash"), index: fc.nat(9), code: fc.nat(2) } as const),
);

it("whatever happened, once nothing fails any more what is wanted runs and nothing else does", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), desired, (story, last) => {
      const simulation = new Simulation();
      for (const event of story) {
        if (event.kind === "want") simulation.desired = event.desired;
        if (event.kind === "forget") simulation.forget();
        if (event.kind === "reboot") simulation.reboot();
        if (event.kind === "crash") simulation.crash(event.index, event.code);
        if (event.kind === "pass") {
          const fails = [...event.fails];
          simulation.pass(() => fails.pop() ?? false);
        }
      }
      simulation.desired = last;
      let quiet = 0;
      // Of three names each has at most two things to remove, five steps to run, and a wait before each.
      for (let passes = 0; quiet < 2; passes++) {
        expect(passes).toBeLessThan(60);
        const beforeMs = simulation.nowMs;
        const actions = simulation.pass(() => false);
        quiet = actions.length === 0 && simulation.nowMs === beforeMs ? quiet + 1 : 0;
      }
      const { sandboxes, containers } = simulation;
      const identities = (list: readonly { readonly name: string; readonly hash: string }[]) =>
        new Set(list.map(({ name, hash }) => `${name} ${hash}`));
      expect(identities(sandboxes)).toEqual(identities(last));
      expect(sandboxes).toHaveLength(last.length);
      for (const {
        name,
        spec: { restart },
      } of last) {
        const id = sandboxes.find((one) => one.name === name)?.id;
        const [only, ...more] = containers.filter(({ sandboxId }) => sandboxId === id);
        expect(more).toEqual([]);
        const states = restart === "always" ? ["running"] : ["running", "exited"];
        expect(states).toContain(only?.state);
      }
      expect(containers).toHaveLength(last.length);
    }),
    { numRuns: 500 },
  );
});
