import * as fc from "fast-check";
import { expect, it } from "vitest";
import { stopInOrder, stopOrder } from "./stop-order.ts";

/** web requires db and cache, cache requires db. */
const REQUIRES = new Map([
  ["web", ["db", "cache"]],
  ["cache", ["db"]],
]);

async function stopAll(order: ReadonlyMap<string, readonly string[]>, failing = "") {
  const events: string[] = [];
  const failed = await stopInOrder(order, async (name) => {
    events.push(`${name} stops`);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (name === failing) throw new Error("no");
    events.push(`${name} has stopped`);
  });
  return { events, failed };
}

it("stops what requires another before it, and what is free at once", async () => {
  const { events, failed } = await stopAll(stopOrder(["log", "web", "cache", "db"], REQUIRES));
  expect(events.indexOf("log stops")).toBeLessThan(2);
  const chain = events.filter((event) => !event.startsWith("log"));
  expect(chain).toEqual([
    "web stops",
    "web has stopped",
    "cache stops",
    "cache has stopped",
    "db stops",
    "db has stopped",
  ]);
  expect(failed).toEqual([]);
});

it("goes on after one that does not stop, and names it", async () => {
  const { events, failed } = await stopAll(stopOrder(["web"], REQUIRES), "web");
  expect(failed).toEqual(["web"]);
  expect(events).toContain("db has stopped");
});

it("the order leads through containers that do not run", () => {
  const order = stopOrder(
    ["web", "db"],
    new Map([
      ["web", ["cache"]],
      ["cache", ["db"]],
    ]),
  );
  expect(order.get("db")).toEqual(["cache"]);
  expect(order.get("cache")).toEqual(["web"]);
});

it("comes to an end whatever the file says, and never stops one before those that need it", async () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  const requires = fc.dictionary(name, fc.array(name, { maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(fc.array(name), requires, async (names, raw) => {
      const order = stopOrder(names, new Map(Object.entries(raw)));
      const done: string[] = [];
      const failed = await stopInOrder(order, async (one) => {
        for (const before of order.get(one) ?? []) expect(done).toContain(before);
        done.push(one);
      });
      expect(failed).toEqual([]);
      expect(new Set(done).size).toBe(done.length);
      expect(names.filter((one) => !done.includes(one))).toEqual([]);
    }),
  );
});
