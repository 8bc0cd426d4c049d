import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseImages, rememberImages, type Choice, type StoredImage } from "./choose-images.ts";
import { excessBytes, parseBudget, type ImageBudget } from "./image-budget.ts";

const id = fc.integer({ min: 0, max: 30 }).map((number) => `image-${number}`);
const image = fc.record({
  id,
  name: fc.constant("name"),
  sizeBytes: fc.nat(1e9),
  isPinned: fc.boolean(),
});
const memory = fc.record({
  firstSeenMs: fc.nat(1000),
  lastUsedMs: fc.integer({ min: -1, max: 1000 }),
});
const choice = fc.record({
  images: fc.uniqueArray(image, { selector: (one) => one.id }),
  used: fc.array(id).map((ids) => new Set(ids)),
  memories: fc.array(fc.tuple(id, memory)).map((pairs) => new Map(pairs)),
  imageBytes: fc.nat(1e10),
  excessBytes: fc.oneof(fc.nat(1e10), fc.constant(Infinity), fc.constant(0)),
  nowMs: fc.integer({ min: 1000, max: 2000 }),
  sparedMs: fc.constantFrom(0, 500),
});

/** What may be removed at all. */
function candidates({ images, used, memories, nowMs, sparedMs }: Choice): StoredImage[] {
  return images.filter(
    (one) =>
      !one.isPinned &&
      !used.has(one.id) &&
      nowMs - (memories.get(one.id)?.firstSeenMs ?? nowMs) >= sparedMs,
  );
}

function freed({ images, imageBytes }: Choice, chosen: readonly StoredImage[]): number {
  const sum = (all: readonly StoredImage[]) => all.reduce((bytes, one) => bytes + one.sizeBytes, 0);
  return (imageBytes * sum(chosen)) / Math.max(1, sum(images));
}

describe("chooseImages()", () => {
  it("takes only what may go, the least recently used first, and no more than it takes", () => {
    fc.assert(
      fc.property(choice, (given) => {
        const chosen = chooseImages(given);
        const allowed = candidates(given);
        const left = allowed.filter((one) => !chosen.includes(one));
        expect(allowed).toEqual(expect.arrayContaining(chosen));
        const lastUsed = (one: StoredImage) => given.memories.get(one.id)?.lastUsedMs ?? -1;
        const newest = Math.max(-1, ...chosen.map(lastUsed));
        expect(left.filter((one) => lastUsed(one) < newest)).toEqual([]);
        const isEnough = freed(given, chosen) * 1.0001 >= given.excessBytes;
        expect(isEnough || left.length === 0).toBe(true);
        expect(freed(given, chosen.slice(0, -1))).toBeLessThanOrEqual(given.excessBytes);
        expect(given.excessBytes === 0 && chosen.length > 0).toBe(false);
      }),
    );
  });

  it("remembers when images were seen first and used last, and forgets those that went", () => {
    const images = [
      { id: "a", name: "a", sizeBytes: 1, isPinned: false },
      { id: "b", name: "b", sizeBytes: 1, isPinned: false },
    ];
    const first = rememberImages(new Map(), images, new Set(["a"]), 1000);
    const second = rememberImages(first, images.slice(0, 1), new Set(), 2000);
    expect(first.get("b")).toEqual({ firstSeenMs: 1000, lastUsedMs: -1 });
    expect([...second]).toEqual([["a", { firstSeenMs: 1000, lastUsedMs: 1000 }]]);
  });
});

const GI = 2 ** 30;

describe("excessBytes()", () => {
  it.each([
    ["80%", { totalBytes: 100 * GI, usedBytes: 80 * GI, imageBytes: 70 * GI }, 0],
    ["80%", { totalBytes: 100 * GI, usedBytes: 81 * GI, imageBytes: 1 * GI }, 11 * GI],
    ["95%", { totalBytes: 100 * GI, usedBytes: 96 * GI, imageBytes: 1 * GI }, 11 * GI],
    ["20Gi", { totalBytes: 100 * GI, usedBytes: 99 * GI, imageBytes: 20 * GI }, 0],
    ["20Gi", { totalBytes: 100 * GI, usedBytes: 25 * GI, imageBytes: 21 * GI }, 3 * GI],
    ["100Mi", { totalBytes: 100 * GI, usedBytes: 25 * GI, imageBytes: 100 * 2 ** 20 }, 0],
  ])("of %s with %j is %i", (text, use, bytes) => {
    const budget = parseBudget(text);
    if (budget === undefined) throw new Error("no budget");
    expect(excessBytes(budget, use)).toBeCloseTo(bytes, -3);
  });

  it("never asks for more than there is", () => {
    const budget = fc.oneof(
      fc.record({ kind: fc.constant("share" as const), percent: fc.integer({ min: 20, max: 95 }) }),
      fc.record({ kind: fc.constant("size" as const), bytes: fc.integer({ min: 1, max: 1e12 }) }),
    );
    fc.assert(
      fc.property(budget, fc.nat(1e12), fc.nat(1e12), (one: ImageBudget, usedBytes, imageBytes) => {
        const use = { totalBytes: 1e12, usedBytes, imageBytes };
        const excess = excessBytes(one, use);
        expect(excess).toBeGreaterThanOrEqual(0);
        expect(excess).toBeLessThanOrEqual(one.kind === "share" ? usedBytes : imageBytes);
      }),
    );
  });

  it.each(["", "80", "%", "20G", "Gi", "1.5Gi"])("%j is no budget", (text) => {
    expect(parseBudget(text)).toBe(undefined);
  });
});
