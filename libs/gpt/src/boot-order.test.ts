import * as fs from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lbas } from "./arbitraries.ts";
import {
  bootOrder,
  qualifies,
  readBootFlags,
  takeTry,
  writeBootFlags,
  type BootChoice,
} from "./index.ts";

const nibbles = fc.integer({ min: 0, max: 15 });
const flags = fc.record({ priority: nibbles, triesLeft: nibbles, successful: fc.boolean() });
const slots = fc
  .array(flags, { maxLength: 5 })
  .map((all) => all.map((slot, index) => ({ number: index + 2, ...slot })));

/** "2/7/s" is priority 2, 7 tries left, successful; numbers count from 1. */
function choices(...texts: string[]): BootChoice[] {
  return texts.map((text, index) => {
    const [priority, triesLeft, successful] = text.split("/");
    return {
      number: index + 1,
      priority: Number(priority),
      triesLeft: Number(triesLeft),
      successful: successful === "s",
    };
  });
}

function order(...texts: string[]): number[] {
  return bootOrder(choices(...texts)).map(({ number }) => number);
}

interface Vector {
  readonly name: string;
  readonly slots: readonly (Omit<BootChoice, "triesLeft"> & { readonly tries: number })[];
  readonly order: readonly number[];
  readonly qualifying: number;
}

/** Shared with the tests of the selector itself. */
function readVectors(): Vector[] {
  const file = new URL("../../../kernel/selector/selection-vectors.json", import.meta.url);
  // A wrong shape makes the tests fail, so there is nothing to check here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(fs.readFileSync(file, "utf8")) as Vector[];
}

describe("boot flags", () => {
  it("keep all other attribute bits", () => {
    fc.assert(
      fc.property(lbas, flags, (attributes, wanted) => {
        const written = writeBootFlags(attributes, wanted);
        expect(readBootFlags(written)).toEqual(wanted);
        expect(written & ~(0x1ffn << 48n)).toBe(attributes & ~(0x1ffn << 48n));
        expect(writeBootFlags(written, readBootFlags(attributes))).toBe(attributes);
      }),
    );
  });

  it("lie where the selector looks for them", () => {
    expect(writeBootFlags(0n, { priority: 1, triesLeft: 7, successful: true })).toBe(
      0x0171_0000_0000_0000n,
    );
  });

  it("refuse what does not fit", () => {
    expect(() => writeBootFlags(0n, { priority: 16, triesLeft: 0, successful: false })).toThrow(
      "Cannot encode priority 16: it must be 0 to 15",
    );
  });

  it("lose one try with each boot, down to none", () => {
    const [fresh, spent] = choices("2/2", "1/0/s");
    expect(fresh === undefined || takeTry(fresh)).toMatchObject({ priority: 2, triesLeft: 1 });
    expect(spent === undefined || takeTry(spent)).toMatchObject({ triesLeft: 0, successful: true });
  });
});

describe("bootOrder()", () => {
  it.each([
    ["higher priority first", ["1/7/s", "2/2"], [2, 1]],
    ["lower number on a tie", ["1/7/s", "1/7/s"], [1, 2]],
    ["a good slot that rots gives way", ["2/0/s", "1/7/s"], [2, 1]],
    ["but to nobody worse", ["2/0/s", "1/2"], [1, 2]],
    ["an unproven slot without tries is a last resort", ["2/0", "1/7/s"], [2, 1]],
    ["priority 0 is a last resort, even successful", ["0/7/s", "1/2"], [2, 1]],
    ["last resort by priority", ["1/0", "2/0"], [2, 1]],
    ["last resort: proven before unproven", ["0/0", "0/0/s"], [2, 1]],
    ["no cycle with three slots", ["3/0/s", "2/2", "1/7/s"], [2, 3, 1]],
  ])("%s", (_rule, texts, expected) => {
    expect(order(...texts)).toEqual(expected);
  });

  it("puts every slot somewhere, those that qualify first, whatever the order given", () => {
    fc.assert(
      fc.property(slots, (all) => {
        const ordered = bootOrder(all);
        expect(new Set(ordered)).toEqual(new Set(all));
        const good = ordered.map((slot) => qualifies(slot));
        expect(good).toEqual(good.toSorted((left, right) => Number(right) - Number(left)));
        expect(bootOrder(all.toReversed())).toEqual(ordered);
      }),
    );
  });

  it("gives way to another proven slot after at most 15 boots that never get healthy", () => {
    fc.assert(
      fc.property(nibbles, nibbles, nibbles, (priorityA, priorityB, triesA) => {
        let rotten: BootChoice = {
          number: 1,
          priority: Math.max(1, priorityA),
          triesLeft: triesA,
          successful: true,
        };
        const other: BootChoice = {
          number: 2,
          priority: Math.max(1, priorityB),
          triesLeft: 7,
          successful: true,
        };
        for (let boot = 0; boot < 15; boot++)
          if (bootOrder([rotten, other])[0] === rotten) rotten = { ...rotten, ...takeTry(rotten) };
        expect(bootOrder([rotten, other])[0]).toBe(other);
      }),
    );
  });

  it.each(readVectors())("agrees with the selector: $name", (vector) => {
    const all = vector.slots.map((slot) => ({ ...slot, triesLeft: slot.tries }));
    expect(bootOrder(all).map(({ number }) => number)).toEqual(vector.order);
    expect(all.filter((slot) => qualifies(slot))).toHaveLength(vector.qualifying);
  });
});
