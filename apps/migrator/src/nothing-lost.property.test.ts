import * as fc from "fast-check";
import { expect, it } from "vitest";
import { convert, settingsOf } from "./convert.ts";
import { HISTORY_OF_TEST } from "./history.fixture.ts";
import { TestMachine } from "./machine.fixture.ts";

const NEW_NAME: Readonly<Record<string, string>> = { motd: "network.hostname" };
const name = fc.constantFrom("motd", "metrics.enabled", "boot.trial-limit", "metrics.port");
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  motd: ["a", "b", "c"],
  "metrics.enabled": [true, false],
  "boot.trial-limit": [700, 800],
  "metrics.port": [9001, 9002],
};
const set = fc.record({
  act: fc.constant("set" as const),
  name,
  /** Beyond the values: taken away. */
  choice: fc.integer({ min: 0, max: 3 }),
  isTried: fc.boolean(),
});
const other = fc.record({ act: fc.constantFrom("restart" as const, "switch" as const) });

it("whatever is set on two versions in turn, each finds all that it can hold, and the newer one all", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ arbitrary: set, weight: 3 }, other), { minLength: 4, maxLength: 10 }),
      async (steps) => {
        const machine = new TestMachine();
        machine.set("1.0.0", { motd: "first" });
        await machine.start("2.0.0");
        let running = "2.0.0";
        // By the names of 1.0.0.
        const wanted = new Map<string, unknown>([["motd", "first"]]);
        const enter = async (version: string): Promise<void> => {
          if (running === "2.0.0") {
            await machine.shadow();
            expectFreshShadow(machine);
          }
          running = version;
          await machine.start(version);
          expect(machine.values(version)).toEqual(inFormOf(version, wanted));
        };
        for (const step of steps) {
          if (step.act !== "set") {
            const another = running === "1.0.0" ? "2.0.0" : "1.0.0";
            await enter(step.act === "restart" ? running : another);
          } else {
            if (running === "1.0.0" && step.name === "metrics.port") continue;
            const value = VALUES[step.name]?.[step.choice] ?? null;
            const key = running === "2.0.0" ? (NEW_NAME[step.name] ?? step.name) : step.name;
            machine.set(running, { [key]: value }, step.isTried ? "token" : undefined);
            // A restart takes back what nobody confirmed.
            if (step.isTried) takeBack(machine, running);
            else if (value === null) wanted.delete(step.name);
            else wanted.set(step.name, value);
          }
        }
        await enter("2.0.0");
      },
    ),
    { numRuns: 12 },
  );
}, 180_000);

function inFormOf(version: string, wanted: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    [...wanted]
      .filter(([key]) => version === "2.0.0" || key !== "metrics.port")
      .map(([key, value]) => [version === "2.0.0" ? (NEW_NAME[key] ?? key) : key, value]),
  );
}

function expectFreshShadow(machine: TestMachine): void {
  const known = { version: "2.0.0", history: HISTORY_OF_TEST };
  const fresh = convert(settingsOf(machine.contents("2.0.0")), "2.0.0", "1.0.0", known);
  const { values, aside } = settingsOf(machine.contents("1.0.0"));
  expect(values).toEqual(fresh.values);
  expect(aside).toEqual(fresh.aside);
}

/** Or the next commit would be refused. */
function takeBack(machine: TestMachine, version: string): void {
  using store = machine.open(version);
  const attempt = store.attempt();
  if (attempt !== undefined) store.takeBack(attempt.token, "test", "not confirmed");
}
