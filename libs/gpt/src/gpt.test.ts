import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disks, type AnyDisk } from "./arbitraries.ts";
import { viewOf } from "./bytes.ts";
import {
  changeEntry,
  faultOf,
  GptError,
  planWrites,
  readBootFlags,
  readGpt,
  writeBootFlags,
  type Gpt,
} from "./index.ts";
import { applyWrites, diskOf, makeDisk, sealHeader, USUAL_SHAPE } from "./memory-disk.ts";

const BOOT = { typeGuid: "6b636168-7420-6568-2070-6c616e657421", attributes: 0x21n << 48n };

/** First byte and size of what each copy consists of. */
function places({ disk, shape }: AnyDisk, copy: "primary" | "backup") {
  const table = shape.entryCount * shape.entrySizeBytes;
  const sectors = Math.ceil(table / shape.sectorSizeBytes);
  const last = Number(disk.sectorCount) - 1;
  const [header, tableLba] = copy === "primary" ? [1, 2] : [last, last - sectors];
  return {
    header: { start: header * shape.sectorSizeBytes, size: shape.headerSizeBytes },
    table: { start: tableLba * shape.sectorSizeBytes, size: table },
  };
}

function mark(gpt: Gpt, number: number): Uint8Array {
  const start = (number - 1) * gpt.header.entrySizeBytes + 48;
  const attributes = viewOf(gpt.table).getBigUint64(start, true);
  return changeEntry(gpt.header, gpt.table, number, {
    attributes: writeBootFlags(attributes, {
      ...readBootFlags(attributes),
      triesLeft: 7,
      successful: true,
    }),
  });
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("readGpt()", () => {
  it("reads arbitrary tables as they were written", () => {
    fc.assert(
      fc.property(disks(false), ({ disk, entries }) => {
        const gpt = readGpt(disk);
        const expected = [...entries]
          .filter(([, entry]) => entry.typeGuid !== "00000000-0000-0000-0000-000000000000")
          .map(([number, entry]) => ({ number, ...entry }))
          .toSorted((left, right) => left.number - right.number);
        expect(gpt.entries).toEqual(expected);
        expect(gpt).toMatchObject({ trusted: "primary", stale: [] });
        expect(gpt.protectiveMbr.isProtective).toBe(true);
        expect(planWrites(gpt, gpt.table)).toEqual([]);
      }),
    );
  });

  it("detects any changed byte of a copy, or the byte means nothing", () => {
    fc.assert(
      fc.property(
        disks(true),
        fc.constantFrom<"primary" | "backup">("primary", "backup"),
        fc.constantFrom<"header" | "table">("header", "table"),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (any, copy, what, position, flip) => {
          const before = readGpt(any.disk);
          const { start, size } = places(any, copy)[what];
          const bytes = Uint8Array.from(any.disk.bytes);
          const offset = start + (position % size);
          bytes[offset] = (bytes[offset] ?? 0) ^ flip;
          const gpt = readGpt(diskOf(bytes, any.shape.sectorSizeBytes));
          expect(gpt[copy].state).toBe("invalid");
          expect(gpt.stale).toEqual([copy]);
          expect(gpt.entries).toEqual(before.entries);
          const repaired = applyWrites(
            diskOf(bytes, any.shape.sectorSizeBytes),
            planWrites(gpt, gpt.table),
          );
          expect(Buffer.from(repaired.bytes).equals(any.disk.bytes)).toBe(true);
        },
      ),
    );
  });

  it("gives a GptError and never reads outside the disk whatever the bytes are", () => {
    const hostile = fc.record({
      sector: fc.constantFrom<512 | 4096>(512, 4096),
      sectors: fc.integer({ min: 0, max: 80 }),
      fields: fc.array(
        fc.tuple(
          fc.constantFrom(8, 12, 24, 32, 40, 48, 72, 80, 84),
          fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        ),
      ),
    });
    fc.assert(
      fc.property(hostile, ({ sector, sectors, fields }) => {
        const good = makeDisk({ ...USUAL_SHAPE, sectorSizeBytes: sector }, new Map());
        const bytes = good.bytes.slice(0, sectors * sector);
        const view = viewOf(bytes);
        if (sectors > 1) {
          for (const [field, value] of fields)
            if ([8, 12, 80, 84].includes(field))
              view.setUint32(sector + field, Number(value & 0xffffffffn), true);
            else view.setBigUint64(sector + field, value, true);
          if (view.getUint32(sector + 12, true) <= sector)
            sealHeader(bytes.subarray(sector, sector * 2));
        }
        const error = thrownBy(() => readGpt(diskOf(bytes, sector)));
        expect(error === undefined || error instanceof GptError).toBe(true);
      }),
    );
  });

  it.each([
    ["revision", 8, 0x0002_0000, "revision is 0x00020000, must be 0x00010000"],
    ["header size", 12, 91, "header size is 91, must be 92 to 512"],
    ["entry count", 80, 0, "table has no entries"],
    ["entry size", 84, 192, "entry size is 192, must be a power of two from 128"],
    ["table size", 80, 8193, "table has 1048704 bytes, must be at most 1048576"],
    ["own LBA", 24, 2, "header says that it is at LBA 2, it is at 1"],
    ["last usable LBA", 48, 4000, "usable range is 34 to 4000, the disk ends at 130"],
    ["first usable LBA", 40, 1, "usable range is 1 to 97, the disk ends at 130"],
    ["table LBA", 72, 3, "table is at LBA 3 to 34, must be behind 1 and before 34"],
    ["alternate LBA", 32, 1, "the primary header names itself as the backup"],
  ])("refuses a primary with a wrong %s", (_field, offset, value, fault) => {
    const { bytes } = makeDisk(USUAL_SHAPE, new Map());
    viewOf(bytes).setUint32(512 + offset, value, true);
    if (offset !== 12) sealHeader(bytes.subarray(512, 1024));
    const gpt = readGpt(diskOf(bytes, 512));
    expect(faultOf(gpt.primary)).toBe(fault);
    expect(gpt.trusted).toBe("backup");
  });

  it("names the faults of both copies if none holds", () => {
    const disk = diskOf(new Uint8Array(512 * 100), 512);
    expect(() => readGpt(disk)).toThrow(
      'Cannot read GPT: primary copy: signature "EFI PART" is missing; backup copy: signature "EFI PART" is missing',
    );
    expect(() => readGpt(diskOf(new Uint8Array(512), 512))).toThrow(
      "Cannot read GPT: the disk holds 1 sectors, a GPT needs at least 6",
    );
  });

  it("finds the backup where it was after the disk grew, also with a damaged primary", () => {
    const { bytes } = makeDisk(USUAL_SHAPE, new Map([[1, BOOT]]));
    const grown = new Uint8Array(bytes.length + 512 * 50);
    grown.set(bytes);
    expect(readGpt(diskOf(grown, 512)).stale).toEqual([]);
    grown[1024] = 1;
    expect(readGpt(diskOf(grown, 512))).toMatchObject({ trusted: "backup", stale: ["primary"] });
    // A bad header still hints at the place.
    grown[512 + 40] = 99;
    expect(readGpt(diskOf(grown, 512))).toMatchObject({ trusted: "backup", stale: ["primary"] });
  });

  it("trusts the primary when both are valid but different", () => {
    const old = makeDisk(USUAL_SHAPE, new Map([[1, BOOT]]));
    const gpt = readGpt(old);
    const [backupOnly] = planWrites(gpt, mark(gpt, 1));
    if (backupOnly === undefined) throw new Error("must have a write");
    const cut = readGpt(applyWrites(old, [backupOnly]));
    expect(cut).toMatchObject({ trusted: "primary", stale: ["backup"] });
    expect(cut.backup.state).toBe("valid");
    expect(cut.entries).toEqual(gpt.entries);
    const repair = planWrites(cut, cut.table);
    expect(repair.map(({ copy }) => copy)).toEqual(["backup"]);
    expect(applyWrites(applyWrites(old, [backupOnly]), repair).bytes).toEqual(old.bytes);
  });
});

describe("planWrites()", () => {
  it("changes three bytes of each table, the CRCs, and nothing else", () => {
    fc.assert(
      fc.property(disks(true), fc.nat(), (any, pick) => {
        const gpt = readGpt(any.disk);
        const number = 1 + (pick % any.shape.entryCount);
        const after = applyWrites(any.disk, planWrites(gpt, mark(gpt, number)));
        const allowed = new Set<number>();
        for (const copy of ["primary", "backup"] as const) {
          const { header, table } = places(any, copy);
          for (const offset of [16, 17, 18, 19, 88, 89, 90, 91]) allowed.add(header.start + offset);
          const attributes = table.start + (number - 1) * any.shape.entrySizeBytes + 48;
          allowed.add(attributes + 6).add(attributes + 7);
        }
        const changed = [...after.bytes.keys()].filter(
          (at) => after.bytes[at] !== any.disk.bytes[at],
        );
        expect(changed.filter((at) => !allowed.has(at))).toEqual([]);
        const again = readGpt(after);
        expect(again.stale).toEqual([]);
        expect(planWrites(again, mark(again, number))).toEqual([]);
      }),
    );
  });

  it("leaves a table with old or new flags at any power cut, whatever sectors of a copy were written", () => {
    const damages = fc.constantFrom<"none" | "primary" | "backup">("none", "primary", "backup");
    fc.assert(
      fc.property(
        damages,
        fc.nat({ max: 2 }),
        fc.infiniteStream(fc.boolean()),
        (damage, copiesDone, coin) => {
          const good = makeDisk(
            USUAL_SHAPE,
            new Map([
              [1, BOOT],
              [2, BOOT],
            ]),
          );
          const bytes = Uint8Array.from(good.bytes);
          if (damage === "primary") bytes[1024 + 300] = 1;
          if (damage === "backup") bytes[bytes.length - 512 + 56] = 1;
          const start = diskOf(bytes, 512);
          const gpt = readGpt(start);
          const plan = planWrites(gpt, mark(gpt, 1));
          expect(plan.map(({ copy }) => copy)).toEqual(
            damage === "primary" ? ["primary", "backup"] : ["backup", "primary"],
          );
          const cut = Uint8Array.from(applyWrites(start, plan.slice(0, copiesDone)).bytes);
          // The copy in the making: the disk takes the sectors in any order, so any of them may be there.
          for (const { offsetBytes, bytes: written } of plan[copiesDone]?.writes ?? [])
            for (let at = 0; at < written.length; at += 512)
              if (coin.next().value) cut.set(written.subarray(at, at + 512), offsetBytes + at);
          const found = readGpt(diskOf(cut, 512));
          const flags = readBootFlags(found.entries[0]?.attributes ?? 0n);
          expect([
            { priority: 1, triesLeft: 2, successful: false },
            { priority: 1, triesLeft: 7, successful: true },
          ]).toContainEqual(flags);
          expect(found.entries[1]).toEqual(gpt.entries[1]);
          const healed = applyWrites(diskOf(cut, 512), planWrites(found, mark(found, 1)));
          expect(readGpt(healed).stale).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("refuses to repair a backup that lies beyond the end of a disk that was cut short", () => {
    const { bytes } = makeDisk(USUAL_SHAPE, new Map([[1, BOOT]]));
    const gpt = readGpt(diskOf(bytes.slice(0, bytes.length - 512 * 5), 512));
    expect(gpt.stale).toEqual(["backup"]);
    expect(() => planWrites(gpt, mark(gpt, 1))).toThrow(
      "Cannot repair backup copy of GPT: its place, LBA 130, is beyond the end of the disk, LBA 125",
    );
  });

  it("writes only the sectors that changed and the two headers", () => {
    fc.assert(
      fc.property(disks(true), fc.nat(), (any, pick) => {
        const gpt = readGpt(any.disk);
        const { sectorSizeBytes, entryCount, entrySizeBytes } = any.shape;
        const number = 1 + (pick % entryCount);
        const before = viewOf(gpt.table).getBigUint64((number - 1) * entrySizeBytes + 48, true);
        const attributes = before ^ (1n << 56n);
        const table = changeEntry(gpt.header, gpt.table, number, { attributes });
        const plan = planWrites(gpt, table);
        expect(plan.map(({ writes }) => writes.map(({ bytes }) => bytes.length))).toEqual([
          [sectorSizeBytes, sectorSizeBytes],
          [sectorSizeBytes, sectorSizeBytes],
        ]);
        expect(readGpt(applyWrites(any.disk, plan)).table).toEqual(table);
      }),
    );
  });

  it("joins neighbouring sectors and leaves those between alone", () => {
    const disk = makeDisk(USUAL_SHAPE, new Map());
    const gpt = readGpt(disk);
    // Four entries of 128 bytes in a sector: 1 and 5 are neighbours, 20 is not.
    const table = [1, 5, 20].reduce(
      (changed, number) => changeEntry(gpt.header, changed, number, { name: "x" }),
      gpt.table,
    );
    const [backup] = planWrites(gpt, table);
    expect(backup?.writes.map(({ bytes, offsetBytes }) => [offsetBytes, bytes.length])).toEqual([
      [disk.bytes.length - 33 * 512, 1024],
      [disk.bytes.length - 29 * 512, 512],
      [disk.bytes.length - 512, 512],
    ]);
  });

  it("refuses a table of another size", () => {
    const gpt = readGpt(makeDisk(USUAL_SHAPE, new Map()));
    expect(() => planWrites(gpt, new Uint8Array(512))).toThrow("it must have 16384");
  });
});

describe("changeEntry()", () => {
  const gpt = readGpt(makeDisk(USUAL_SHAPE, new Map()));
  it.each([
    [129, {}, "Cannot find entry 129: the table has entries 1 to 128"],
    [0, {}, "Cannot find entry 0"],
    [1, { name: "x".repeat(37) }, "it must have at most 36 UTF-16 units and no NUL"],
    [1, { name: "a\0b" }, "and no NUL"],
    [1, { typeGuid: "nonsense" }, 'Cannot encode GUID "nonsense"'],
  ])("refuses entry %i with %o", (number, changes, message) => {
    expect(() => changeEntry(gpt.header, gpt.table, number, changes)).toThrow(message);
  });
});
