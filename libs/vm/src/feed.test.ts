import { describe, expect, it } from "vitest";
import { Feed } from "./feed.ts";

const isThree = (item: number): boolean => item === 3;

describe("Feed", () => {
  it("finds what came before the wait", async () => {
    const feed = new Feed<number>();
    feed.push(3);
    await expect(feed.waitFor("three", isThree, { timeoutMs: 1 })).resolves.toBe(3);
  });

  it("ignores the past before `from`", async () => {
    const feed = new Feed<number>();
    feed.push(3);
    const wait = feed.waitFor("three", isThree, { timeoutMs: 1000, from: 1 });
    feed.push(4);
    feed.push(3);
    await expect(wait).resolves.toBe(3);
  });

  it("stops waiting at the limit and says what for", async () => {
    const wait = new Feed<number>().waitFor("three", isThree, { timeoutMs: 20 });
    await expect(wait).rejects.toThrow("Waited 0.02 s for three: it did not come");
  });

  it("stops waiting when told to", async () => {
    const stop = new AbortController();
    const options = { timeoutMs: 60_000, signal: stop.signal };
    const wait = new Feed<number>().waitFor("three", isThree, options);
    stop.abort();
    await expect(wait).rejects.toThrow("Stopped waiting for three");
  });

  it("fails open and later waits when it ends", async () => {
    const feed = new Feed<number>();
    const wait = feed.waitFor("three", isThree, { timeoutMs: 1000 });
    feed.end(new Error("gone"));
    await expect(wait).rejects.toThrow("gone");
    await expect(feed.waitFor("three", isThree, { timeoutMs: 1000 })).rejects.toThrow("gone");
  });
});
