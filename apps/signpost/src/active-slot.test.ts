import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { decideActive } from "./active-slot.ts";
import { openDisk } from "./disk-file.ts";
import { loadTable, type Table } from "./load-table.ts";
import { BOOT_GUID, makeDiskImage } from "./test-disk.ts";

function loadImage(): Table {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-active-"));
  using disk = openDisk(makeDiskImage(path.join(folder, "disk.img")), "read", "/sys");
  const table = loadTable(disk);
  fs.rmSync(folder, { recursive: true });
  return table;
}

describe("decideActive()", () => {
  const table = loadImage();
  const machine = { diskName: "vda", diskPath: "/dev/vda", loaderPartUuid: undefined };

  it("believes kernel and firmware when they agree, and the kernel alone", () => {
    const facts = { ...machine, rootPartitions: [3, 4] };
    expect(decideActive(table, { ...facts, loaderPartUuid: BOOT_GUID.A }, [])).toEqual({
      slot: "A",
      isConfirmed: true,
    });
    expect(decideActive(table, facts, [])).toEqual({ slot: "A", isConfirmed: false });
    expect(decideActive(table, { ...facts, rootPartitions: [6] }, [])).toMatchObject({ slot: "B" });
  });

  it.each([
    ["the other slot", [3, 4], BOOT_GUID.B],
    ["an unknown partition", [3, 4], "cccccccc-0000-4000-8000-000000000000"],
    ["nothing readable", [3, 4], ""],
    ["partitions of both slots", [3, 7], BOOT_GUID.A],
    ["a partition outside the slots", [9], BOOT_GUID.A],
  ])("sees a conflict: %s", (_what, rootPartitions, loaderPartUuid) => {
    expect(decideActive(table, { ...machine, rootPartitions, loaderPartUuid }, [])).toHaveProperty(
      "conflict",
    );
  });
});
