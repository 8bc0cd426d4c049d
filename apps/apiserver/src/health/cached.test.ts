import { expect, it } from "vitest";
import { cached } from "./cached.ts";

it("counts the age of an answer from its end, and shares a look that is under way", async () => {
  let nowMs = 0;
  let looks = 0;
  let finish = (): void => undefined;
  const read = cached(
    2000,
    () => nowMs,
    () => {
      looks += 1;
      return new Promise<number>((resolve) => {
        finish = () => {
          resolve(looks);
        };
      });
    },
  );
  const first = read("a");
  nowMs = 5000;
  const second = read("a");
  finish();
  expect(await Promise.all([first, second])).toEqual([1, 1]);
  nowMs = 6999;
  expect(await read("a")).toBe(1);
  nowMs = 7000;
  const third = read("a");
  finish();
  expect(await third).toBe(2);
});

it("does not keep an answer to another question, nor a failure for longer", async () => {
  let nowMs = 0;
  const answers = [Promise.resolve("x"), Promise.reject(new Error("no")), Promise.resolve("y")];
  answers[1]?.catch(() => undefined);
  const read = cached(
    10,
    () => nowMs,
    () => answers.shift() ?? Promise.resolve("z"),
  );
  expect(await read("a")).toBe("x");
  await expect(read("b")).rejects.toThrow("no");
  nowMs = 10;
  expect(await read("b")).toBe("y");
});
