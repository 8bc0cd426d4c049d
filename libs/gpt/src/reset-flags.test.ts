import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lbas } from "./arbitraries.ts";
import {
  changeEntries,
  clearReset,
  DATA_TYPE,
  decodeEntries,
  PARTITION_TYPE,
  readGpt,
  requestReset,
  resetsDue,
  STATE_TYPE,
  type EntryChange,
  type GptEntry,
  type ResetPart,
} from "./index.ts";
import { makeDisk, USUAL_SHAPE } from "./memory-disk.ts";

const PARTS: ResetPart[] = ["state", "data"];
const BIT = 1n << 58n;

function makeGpt(attributes: bigint, types: readonly string[] = [STATE_TYPE, DATA_TYPE]) {
  const all = [PARTITION_TYPE.boot, ...types];
  return readGpt(
    makeDisk(
      USUAL_SHAPE,
      new Map(all.map((typeGuid, index) => [index + 1, { typeGuid, attributes }] as const)),
    ),
  );
}

function after(
  { header, table }: ReturnType<typeof makeGpt>,
  changes: readonly EntryChange[],
): GptEntry[] {
  return decodeEntries(header, changeEntries(header, table, changes));
}

describe("requestReset() and clearReset()", () => {
  it("set and clear bit 58 of the partitions that are named, and nothing else", () => {
    const parts = fc.subarray(PARTS, { minLength: 1 });
    fc.assert(
      fc.property(lbas, parts, parts, (attributes, requested, cleared) => {
        const gpt = makeGpt(attributes & ~BIT);
        const marked = after(gpt, requestReset(gpt.entries, requested));
        const bits = (entries: readonly GptEntry[]): bigint[] =>
          entries.map((entry) => entry.attributes);
        const other = attributes & ~BIT;
        const bit = (part: ResetPart): bigint => (requested.includes(part) ? BIT : 0n);
        expect(bits(marked)).toEqual([other, other | bit("state"), other | bit("data")]);
        expect(resetsDue(marked)).toEqual({
          state: requested.includes("state"),
          data: requested.includes("data"),
        });
        const done = after(gpt, [
          ...requestReset(gpt.entries, requested),
          ...clearReset(marked, cleared),
        ]);
        expect(resetsDue(done)).toEqual({
          state: requested.includes("state") && !cleared.includes("state"),
          data: requested.includes("data") && !cleared.includes("data"),
        });
        expect(done.map((entry) => ({ ...entry, attributes: entry.attributes & ~BIT }))).toEqual(
          gpt.entries,
        );
      }),
    );
  });

  it("refuses to request what there is no partition for, and has nothing to clear there", () => {
    const gpt = makeGpt(0n, [STATE_TYPE]);
    expect(() => requestReset(gpt.entries, PARTS)).toThrow(
      "Cannot request a reset: the disk has no DATA partition",
    );
    expect(clearReset(gpt.entries, ["data"])).toEqual([]);
    expect(resetsDue(gpt.entries)).toEqual({ state: false, data: false });
  });
});
