import * as fc from "fast-check";
import { expect, it } from "vitest";
import { checkStartOrder } from "./start-order.ts";

function judge(requires: Readonly<Record<string, readonly string[]>>): string[] {
  const all = Object.fromEntries(
    Object.entries(requires).map(([name, required]) => [name, { requires: required }]),
  );
  return checkStartOrder(all).map(({ key, reason }) => `${key} ${reason}`);
}

it.each([
  [{}, []],
  [{ web: ["db", "cache"], db: ["disk"], cache: ["disk"], disk: [] }, []],
  [{ web: ["db"] }, ['web.requires must not name "db": there is no such container']],
  [{ web: ["toString"] }, ['web.requires must not name "toString": there is no such container']],
  [{ web: ["web"] }, ["web.requires must not lead back to itself: web -> web"]],
  [
    { a: ["web"], web: ["db"], db: ["disk", "web"], disk: [] },
    ["web.requires must not lead back to itself: web -> db -> web"],
  ],
])("judges %j", (requires, issues) => {
  expect(judge(requires)).toEqual(issues);
});

it("bounds how long a chain can be", () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, at) => [`c${at}`, at === 0 ? [] : [`c${at - 1}`]]),
    );
  expect(judge(chain(32))).toEqual([]);
  expect(judge(chain(33))).toEqual(["c32.requires must not lead through more than 32 containers"]);
});

it("lets through exactly what can be started one after another", () => {
  const names = ["a", "b", "c", "d", "e"] as const;
  const requirements = fc.dictionary(fc.constantFrom(...names), fc.subarray([...names]));
  fc.assert(
    fc.property(requirements, (requires) => {
      const started = new Set<string>();
      for (let before = -1; before < started.size;) {
        before = started.size;
        for (const [name, required] of Object.entries(requires))
          if (required.every((one) => started.has(one))) started.add(name);
      }
      expect(judge(requires).length === 0).toBe(started.size === Object.keys(requires).length);
    }),
  );
});
