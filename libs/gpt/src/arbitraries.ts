import * as fc from "fast-check";
import type { EntryChanges } from "./entry.ts";
import { makeDisk, type DiskShape, type MemoryDisk } from "./memory-disk.ts";

/** Generators for the property tests. */
export const guids = fc.uuid();
export const lbas = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Any UTF-16 units but NUL, lone surrogates too. */
const names = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 36 })
  .map((units) => String.fromCharCode(...units));

/** A table of 1 MiB now and then; most are small, so that many are tried. */
const tables = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ count: fc.integer({ min: 1, max: 200 }), power: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ count: fc.integer({ min: 1, max: 8192 }), power: fc.nat(13) }),
  },
);

const shapes: fc.Arbitrary<DiskShape> = fc
  .record({
    sectorSizeBytes: fc.constantFrom<512 | 4096>(512, 4096),
    // Any count; 128 times any power of two (UEFI 2.10, 5.3.2).
    table: tables,
    headerSizeBytes: fc.oneof(fc.constant(92), fc.integer({ min: 92, max: 512 })),
  })
  .map(({ table: { count, power }, ...shape }) => {
    const entrySizeBytes = 128 << power;
    return {
      ...shape,
      entrySizeBytes,
      entryCount: Math.min(count, MAX_TABLE_BYTES / entrySizeBytes),
    };
  });

const entryChanges: fc.Arbitrary<Required<EntryChanges>> = fc.record({
  typeGuid: guids,
  partitionGuid: guids,
  firstLba: lbas,
  lastLba: lbas,
  attributes: lbas,
  name: names,
});

const MAX_TABLE_BYTES = 1024 * 1024;

export interface AnyDisk {
  readonly shape: DiskShape;
  readonly entries: ReadonlyMap<number, Required<EntryChanges>>;
  readonly disk: MemoryDisk;
}

/** Disks of any shape; where `isNoisy`, all bytes that the codec does not know are random too. */
export function disks(isNoisy: boolean): fc.Arbitrary<AnyDisk> {
  return shapes.chain((shape) =>
    fc
      .record({
        entries: fc.array(fc.tuple(fc.integer({ min: 1, max: shape.entryCount }), entryChanges), {
          maxLength: 8,
        }),
        seed: fc.integer({ min: 1 }),
      })
      .map(({ entries, seed }) => {
        const map = new Map(entries);
        const noise = noiseOf(seed);
        const disk = makeDisk(shape, map, (bytes) => {
          if (isNoisy) for (let index = 0; index < bytes.length; index++) bytes[index] = noise();
        });
        return { shape, entries: map, disk };
      }),
  );
}

/** xorshift32: cheap, repeatable bytes. */
function noiseOf(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
}
