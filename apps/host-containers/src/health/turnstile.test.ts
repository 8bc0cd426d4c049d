import { expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

it("lets a few begin at once, and the next when one ends or takes long", async () => {
  const turnstile = new Turnstile(2, 50);
  const ends: (() => void)[] = [];
  let begun = 0;
  const task = async (): Promise<void> => {
    begun += 1;
    await new Promise<void>((resolve) => ends.push(resolve));
  };
  const all = [1, 2, 3, 4].map(() => turnstile.pass(task));
  expect(begun).toBe(2);
  ends[0]?.();
  await all[0];
  await expect.poll(() => begun, { interval: 1 }).toBe(3);
  // The second and the third hang.
  await expect.poll(() => begun, { interval: 5 }).toBe(4);
  for (const end of ends) end();
  await Promise.all(all);
  await expect(turnstile.pass(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
