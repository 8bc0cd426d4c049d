import { expect, it } from "vitest";
import { createLock } from "./lock.ts";

it("createLock() runs acts one by one, in order, also after one failed", async () => {
  const lock = createLock();
  const events: string[] = [];
  const act = (name: string, ms: number, fails = false) =>
    lock(async () => {
      events.push(`+${name}`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      events.push(`-${name}`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([act("a", 20), act("b", 10, true), act("c", 1)]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(events).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"]);
});
