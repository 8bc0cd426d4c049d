import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { commit } from "./commit.ts";
import { openDisk, type DiskFile } from "./disk-file.ts";
import { loadTable, type Table } from "./load-table.ts";
import { planCommand } from "./plan.ts";
import { flagsBySgdisk, makeDiskImage } from "./test-disk.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-plan-"));
const image = makeDiskImage(path.join(folder, "disk.img"));
const original = fs.readFileSync(image);
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const OLD = { priority: 1, triesLeft: 2, successful: false };
const NEW = { priority: 1, triesLeft: 7, successful: true };

function withDisk<T>(bytes: Uint8Array, work: (disk: DiskFile) => T): T {
  fs.writeFileSync(image, bytes);
  using disk = openDisk(image, "write", "/sys");
  return work(disk);
}

/** What mark-successful-boot writes for slot A. */
function planMark(table: Table) {
  return planCommand("mark-successful-boot", table, () => "A", {
    resetParts: [],
    rootHash: "",
    randomUuid: () => {
      throw new Error("must not be asked for");
    },
  });
}

/** A disk whose power goes after `bytesLeft` bytes: the write in progress is torn. */
function cutAfter(disk: DiskFile, bytesLeft: number): DiskFile {
  let left = bytesLeft;
  return {
    ...disk,
    write: (offset, bytes) => {
      const part = bytes.subarray(0, left);
      left -= part.length;
      if (part.length > 0) disk.write(offset, part);
      if (part.length < bytes.length) throw new Error("power cut");
    },
  };
}

describe("commit()", () => {
  it("leaves a valid copy with old or new flags whenever the power goes", () => {
    const damages = fc.constantFrom("none", "primary", "backup");
    fc.assert(
      fc.property(damages, fc.integer({ min: 0, max: 2 * (1024 + 512) - 1 }), (damage, cut) => {
        const bytes = Uint8Array.from(original);
        if (damage === "primary") bytes.fill(0, 512, 1024);
        if (damage === "backup") bytes.fill(0, bytes.length - 512);
        withDisk(bytes, (disk) => {
          const { writes } = planMark(loadTable(disk));
          expect(() => {
            commit(cutAfter(disk, cut), writes);
          }).toThrow(/Cannot write (primary|backup) copy of GPT/);
          const found = loadTable(disk);
          expect([OLD, NEW]).toContainEqual(found.slots.A.flags);
          commit(disk, planMark(found).writes);
          expect(loadTable(disk).gpt.stale).toEqual([]);
        });
      }),
      { numRuns: 40 },
    );
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
  });

  it("flushes each copy and compares it before it touches the next", () => {
    withDisk(original, (disk) => {
      const events: string[] = [];
      const { writes } = planMark(loadTable(disk));
      commit(
        {
          ...disk,
          write: (offset, bytes) => {
            events.push(offset < 1_000_000 ? "write primary" : "write backup");
            disk.write(offset, bytes);
          },
          read: (offset, length) => {
            events.push("read");
            return disk.read(offset, length);
          },
          flush: () => events.push("flush"),
        },
        writes,
      );
      expect(events).toEqual([
        "write backup",
        "write backup",
        "flush",
        "read",
        "read",
        "write primary",
        "write primary",
        "flush",
        "read",
        "read",
      ]);
    });
  });

  it("stops before the second copy if the first reads back differently", () => {
    withDisk(original, (disk) => {
      const { writes } = planMark(loadTable(disk));
      const lying = { ...disk, write: () => undefined };
      expect(() => {
        commit(lying, writes);
      }).toThrow("Cannot write backup copy of GPT to");
      expect(fs.readFileSync(image).equals(original)).toBe(true);
    });
  });
});
