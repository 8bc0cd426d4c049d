import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { qualifies } from "@ballast/gpt";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { commit } from "./commit.ts";
import { openDisk, type DiskFile } from "./disk-file.ts";
import { loadTable } from "./load-table.ts";
import { decideActive, planMark } from "./plan.ts";
import { BOOT_GUID, flagsBySgdisk, makeDiskImage } from "./test-disk.ts";

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

describe("decideActive()", () => {
  const { slots } = withDisk(original, loadTable);
  const machine = { diskPath: "/dev/vda", loaderPartUuid: undefined };

  it("believes kernel and firmware when they agree, and the kernel alone", () => {
    const facts = { ...machine, rootPartitions: [3, 4] };
    expect(decideActive(slots, { ...facts, loaderPartUuid: BOOT_GUID.A })).toEqual({
      slot: "A",
      isConfirmed: true,
    });
    expect(decideActive(slots, facts)).toEqual({ slot: "A", isConfirmed: false });
    expect(decideActive(slots, { ...facts, rootPartitions: [6] })).toMatchObject({ slot: "B" });
  });

  it.each([
    ["the other slot", [3, 4], BOOT_GUID.B],
    ["an unknown partition", [3, 4], "cccccccc-0000-4000-8000-000000000000"],
    ["nothing readable", [3, 4], ""],
    ["partitions of both slots", [3, 7], BOOT_GUID.A],
    ["a partition outside the slots", [9], BOOT_GUID.A],
  ])("sees a conflict: %s", (_what, rootPartitions, loaderPartUuid) => {
    expect(decideActive(slots, { ...machine, rootPartitions, loaderPartUuid })).toHaveProperty(
      "conflict",
    );
  });
});

describe("planMark()", () => {
  it("makes any flags qualify, keeps priority and all that is not a flag, and is idempotent", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, fc.boolean(), fc.constantFrom("A", "B"), (bits, isGood, slot) => {
        withDisk(original, (disk) => {
          const table = loadTable(disk);
          const flags = { priority: bits & 15, triesLeft: bits >> 4, successful: isGood };
          const slots = { ...table.slots, [slot]: { ...table.slots[slot], flags } };
          const plan = planMark({ gpt: table.gpt, slots }, slot);
          expect(plan.after).toEqual({ ...NEW, priority: flags.priority });
          expect(qualifies(plan.after)).toBe(flags.priority > 0);
          commit(disk, plan.writes);
          const after = loadTable(disk);
          expect(after.slots[slot].flags).toEqual(plan.after);
          expect(after.slots[slot].boot.attributes & 0xffffn).toBe(slot === "A" ? 4n : 0n);
          expect(planMark(after, slot).writes).toEqual([]);
          const rest = (entries: typeof after.gpt.entries) =>
            entries.filter(({ number }) => number !== after.slots[slot].boot.number);
          expect(rest(after.gpt.entries)).toEqual(rest(table.gpt.entries));
        });
      }),
      { numRuns: 30 },
    );
  });
});

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
      fc.property(damages, fc.integer({ min: 0, max: 2 * (16_384 + 512) - 1 }), (damage, cut) => {
        const bytes = Uint8Array.from(original);
        if (damage === "primary") bytes.fill(0, 512, 1024);
        if (damage === "backup") bytes.fill(0, bytes.length - 512);
        withDisk(bytes, (disk) => {
          const { writes } = planMark(loadTable(disk), "A");
          expect(() => {
            commit(cutAfter(disk, cut), writes);
          }).toThrow(/Cannot write (primary|backup) copy of GPT/);
          const found = loadTable(disk);
          expect([OLD, NEW]).toContainEqual(found.slots.A.flags);
          commit(disk, planMark(found, "A").writes);
          expect(loadTable(disk).gpt.stale).toEqual([]);
        });
      }),
      { numRuns: 60 },
    );
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
  });

  it("flushes each copy and compares it before it touches the next", () => {
    withDisk(original, (disk) => {
      const events: string[] = [];
      const { writes } = planMark(loadTable(disk), "A");
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
      const { writes } = planMark(loadTable(disk), "A");
      const lying = { ...disk, write: () => undefined };
      expect(() => {
        commit(lying, writes);
      }).toThrow("Cannot write backup copy of GPT to");
      expect(fs.readFileSync(image).equals(original)).toBe(true);
    });
  });
});
