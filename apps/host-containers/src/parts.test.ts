import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Parts } from "./parts.ts";

function aborted(signal: AbortSignal): Promise<void> {
  return signal.aborted ? Promise.resolve() : once(signal, "abort").then(() => undefined);
}

describe("parts of a program", () => {
  it("end with its signal, what is to come after one behind it", async () => {
    const stop = new AbortController();
    const parts = new Parts(stop.signal);
    const told: string[] = [];
    const first = aborted(parts.signal).then(() => void told.push("part"));
    parts.add(first, async () => void told.push("after"));
    parts.add(aborted(parts.signal));
    stop.abort();
    await parts.ended();
    expect(told).toEqual(["part", "after"]);
  });

  it("end when one fails, with its error and no later one", async () => {
    const parts = new Parts(new AbortController().signal);
    const told: string[] = [];
    const others = aborted(parts.signal).then(() => {
      throw new Error("second");
    });
    parts.add(others, async () => void told.push("after"));
    parts.add(sleep(10).then(() => Promise.reject(new Error("first"))));
    await expect(parts.ended()).rejects.toThrow("first");
    expect(told).toEqual(["after"]);
  });

  it("that do not end are not waited for long once one has failed", async () => {
    const parts = new Parts(new AbortController().signal);
    parts.add(new Promise(() => undefined));
    parts.add(Promise.reject(new Error("failed")));
    await expect(parts.ended()).rejects.toThrow("failed");
  }, 10_000);

  it("end when what was to use them fails", async () => {
    let hasEnded = false;
    const use = async (): Promise<void> => {
      await using parts = new Parts(new AbortController().signal);
      parts.add(aborted(parts.signal).then(() => void (hasEnded = true)));
      await Promise.reject(new Error("no folder"));
    };
    await expect(use()).rejects.toThrow("no folder");
    expect(hasEnded).toBe(true);
  });
});
