import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guids, lbas } from "./arbitraries.ts";
import {
  changeEntries,
  clearUuids,
  decodeEntries,
  findSlots,
  hasBootEverSucceeded,
  PARTITION_TYPE,
  readGpt,
  recordSuccess,
  rootHashOf,
  setSlotUuids,
  STATE_TYPE,
  writeBootFlags,
  type EntryChange,
  type GptEntry,
} from "./index.ts";
import { makeDisk, USUAL_SHAPE } from "./memory-disk.ts";

const { boot, root, hash } = PARTITION_TYPE;
const TYPES = [boot, root, hash, boot, root, hash, STATE_TYPE];
const ROOT_HASH = "0123456789abcdef00112233445566778899aabbccddeeff0f1e2d3c4b5a6978";

function makeGpt(attributesOfB = 0n) {
  const entries = TYPES.map(
    (typeGuid, index) =>
      [
        index + 2,
        { typeGuid, partitionGuid: randomUUID(), attributes: index === 3 ? attributesOfB : 4n },
      ] as const,
  );
  return readGpt(makeDisk(USUAL_SHAPE, new Map(entries)));
}

type Gpt = ReturnType<typeof makeGpt>;

function after(gpt: Gpt, changes: readonly EntryChange[]): GptEntry[] {
  return decodeEntries(gpt.header, changeEntries(gpt.header, gpt.table, changes));
}

describe("clearUuids()", () => {
  it("gives ROOT and HASH new UUIDs, once", () => {
    fc.assert(
      fc.property(guids, (guid) => {
        const gpt = makeGpt();
        const { B } = findSlots(gpt.entries);
        const entries = after(
          gpt,
          clearUuids(B, () => guid),
        );
        const cleared = findSlots(entries);
        expect(cleared.B.root.partitionGuid).toBe(guid);
        expect(cleared.B.hash.partitionGuid).not.toBe(guid);
        expect(cleared.B.boot).toEqual(B.boot);
        expect(new Set(entries.map(({ partitionGuid }) => partitionGuid)).size).toBe(TYPES.length);
        expect(clearUuids(cleared.B, randomUUID)).toEqual([]);
      }),
    );
  });
});

describe("setSlotUuids()", () => {
  it("names ROOT and HASH of the inactive slot by the halves, as the command line does", () => {
    const gpt = makeGpt();
    const slots = findSlots(gpt.entries);
    const named = after(gpt, setSlotUuids(gpt.entries, slots, "A", ROOT_HASH.toUpperCase()));
    const { A, B } = findSlots(named);
    expect(B.root.partitionGuid).toBe("01234567-89ab-cdef-0011-223344556677");
    expect(B.hash.partitionGuid).toBe("8899aabb-ccdd-eeff-0f1e-2d3c4b5a6978");
    expect(rootHashOf(B)).toBe(ROOT_HASH);
    expect(A).toEqual(slots.A);
    expect(setSlotUuids(named, { A, B }, "A", ROOT_HASH)).toEqual([]);
    // The other slot runs it now, so nobody else may carry it.
    expect(() => setSlotUuids(named, { A, B }, "B", ROOT_HASH)).toThrow(
      `Cannot name slot A by root hash ${ROOT_HASH}: partition 6 has the UUID 01234567-89ab-cdef-0011-223344556677 already`,
    );
    expect(() =>
      setSlotUuids(named, { A, B }, "B", ROOT_HASH.slice(0, 32) + "0".repeat(32)),
    ).toThrow("partition 6 has the UUID");
  });

  it("refuses a slot in use, and what is no root hash", () => {
    const used = makeGpt(writeBootFlags(0n, { priority: 1, triesLeft: 7, successful: true }));
    const slots = findSlots(used.entries);
    expect(() => setSlotUuids(used.entries, slots, "A", ROOT_HASH)).toThrow(
      "Cannot name slot B by a root hash: it is marked successful",
    );
    expect(() => setSlotUuids(used.entries, slots, "A", "abc")).toThrow(
      'Cannot name slot by root hash "abc": it must have 64 hexadecimal digits',
    );
  });
});

describe("recordSuccess()", () => {
  it("sets bit 57 of STATE and nothing else", () => {
    fc.assert(
      fc.property(lbas, (attributes) => {
        const gpt = makeGpt();
        const before = after(gpt, [{ number: 8, changes: { attributes } }]);
        expect(hasBootEverSucceeded(before)).toBe(((attributes >> 57n) & 1n) === 1n);
        const entries = after(gpt, recordSuccess(before));
        expect(hasBootEverSucceeded(entries)).toBe(true);
        expect(entries.at(-1)?.attributes).toBe(attributes | (1n << 57n));
        expect(entries.slice(0, -1)).toEqual(gpt.entries.slice(0, -1));
      }),
    );
    expect(recordSuccess([])).toEqual([]);
    expect(hasBootEverSucceeded([])).toBe(false);
  });
});
