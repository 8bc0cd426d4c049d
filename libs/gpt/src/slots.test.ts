import { describe, expect, it } from "vitest";
import { findSlots, nextSlot, PARTITION_TYPE, readGpt, slotOfPartition } from "./index.ts";
import { makeDisk, USUAL_SHAPE } from "./memory-disk.ts";

const { boot, root, hash } = PARTITION_TYPE;

function entriesOf(types: readonly string[], attributes: readonly bigint[] = []) {
  const entries = types.map(
    (typeGuid, index) => [index + 2, { typeGuid, attributes: attributes[index] ?? 0n }] as const,
  );
  return readGpt(makeDisk(USUAL_SHAPE, new Map(entries))).entries;
}

describe("findSlots()", () => {
  it("takes the first of each type as slot A and the second as slot B", () => {
    const slots = findSlots(entriesOf([boot, root, hash, boot, root, hash]));
    expect(
      [slots.A, slots.B].map((slot) => [slot.boot.number, slot.root.number, slot.hash.number]),
    ).toEqual([
      [2, 3, 4],
      [5, 6, 7],
    ]);
    expect(slotOfPartition(slots, 6)).toBe("B");
    expect(slotOfPartition(slots, 8)).toBeUndefined();
  });

  it("says which partitions are missing or too many", () => {
    expect(() => findSlots(entriesOf([boot, root, hash]))).toThrow(
      "Cannot find the slots: the disk has 1 BOOT partitions, must have 2",
    );
    expect(() => findSlots(entriesOf([boot, boot, root, root, root]))).toThrow("3 ROOT partitions");
  });
});

describe("nextSlot()", () => {
  it("is what the selector would take", () => {
    const types = [boot, root, hash, boot, root, hash];
    const next = (a: bigint, b: bigint) =>
      nextSlot(findSlots(entriesOf(types, [a << 48n, 0n, 0n, b << 48n])));
    expect(next(0x171n, 0n)).toBe("A");
    expect(next(0x171n, 0x22n)).toBe("B");
    expect(next(0x171n, 0x02n)).toBe("A");
    expect(next(0n, 0n)).toBe("A");
  });
});
