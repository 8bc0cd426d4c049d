import { expect, it } from "vitest";
import { Wake } from "./wake.ts";

async function sleptMs(wake: Wake, limitMs: number): Promise<number> {
  const startMs = performance.now();
  await wake.sleep(limitMs);
  return performance.now() - startMs;
}

it("a wake ends its sleep, or the next one when nobody sleeps, once", async () => {
  const wake = new Wake();
  setTimeout(() => {
    wake.now();
  }, 20);
  expect(await sleptMs(wake, 10_000)).toBeLessThan(5000);
  wake.now();
  wake.now();
  expect(await sleptMs(wake, 10_000)).toBeLessThan(5000);
  expect(await sleptMs(wake, 40)).toBeGreaterThan(30);
});

it("says whether it was woken", async () => {
  const wake = new Wake();
  wake.now();
  expect(await wake.sleep(10_000)).toBe(true);
  expect(await wake.sleep(1)).toBe(false);
});
