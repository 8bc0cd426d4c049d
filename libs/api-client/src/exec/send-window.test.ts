import { expect, it } from "vitest";
import { SendWindow } from "./send-window.ts";

async function isFree(taking: Promise<void>): Promise<boolean> {
  return Promise.race([
    taking.then(() => true),
    new Promise<false>((r) => setTimeout(r, 5, false)),
  ]);
}

it("nothing is sent before the server offers, and no more than it offers", async () => {
  const window = new SendWindow();
  const first = window.take();
  expect(await isFree(first)).toBe(false);
  window.offer(2, 0);
  expect(await isFree(first)).toBe(true);
  await window.take();
  const third = window.take();
  expect(await isFree(third)).toBe(false);
  window.offer(2, 1);
  expect(await isFree(third)).toBe(true);
  const fourth = window.take();
  window.close();
  expect(await isFree(fourth)).toBe(true);
});
