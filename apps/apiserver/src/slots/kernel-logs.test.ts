import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@ballast/service";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readKernelLogs } from "./kernel-logs.ts";

let archive: string;
let warnings: string;
const log = createLog({ write: (line) => (warnings += line), journal: false });

beforeEach(() => {
  archive = mkdtempSync(join(tmpdir(), "ballast-pstore-"));
  warnings = "";
});
afterEach(() => {
  rmSync(archive, { recursive: true });
});

/** As systemd-pstore files it. */
function put(id: string, text: string | Buffer): string {
  const folder = join(archive, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "dmesg-efi-177763500001001"), "a part");
  writeFileSync(join(folder, "dmesg.txt"), text);
  return join(folder, "dmesg.txt");
}

describe("readKernelLogs()", () => {
  it("finds logs of every backend, oldest first", async () => {
    put("1777635001/001", "second");
    put("1777635000/001", "first");
    const ramoops = put("ramoops-0", "third");
    utimesSync(ramoops, 1_777_636_000, 1_777_636_000);
    expect(await readKernelLogs(archive, log)).toEqual([
      { id: "1777635000/001", at: "2026-05-01T11:30:00.000Z", text: "first" },
      { id: "1777635001/001", at: "2026-05-01T11:30:01.000Z", text: "second" },
      { id: "ramoops-0", at: "2026-05-01T11:46:40.000Z", text: "third" },
    ]);
    expect(warnings).toBe("");
  });

  it("has none without an archive", async () => {
    expect(await readKernelLogs(join(archive, "none"), log)).toEqual([]);
  });

  it("reads the end of a long log, whatever bytes are in it", async () => {
    put("1777635000/001", Buffer.concat([Buffer.alloc(200_000, 0xff), Buffer.from("the end")]));
    const [found] = await readKernelLogs(archive, log);
    expect(found?.text).toHaveLength(64 * 1024);
    expect(found?.text.endsWith("the end")).toBe(true);
  });

  it("passes over what is no file", async () => {
    mkdirSync(join(archive, "1/dmesg.txt"), { recursive: true });
    symlinkSync("/etc/shadow", join(archive, "dmesg.txt"));
    expect(await readKernelLogs(archive, log)).toEqual([]);
  });

  it("keeps to the newest when there are many", async () => {
    for (let second = 100; second < 140; second += 1) put(`1777635${second}/001`, "x");
    const found = await readKernelLogs(archive, log);
    expect(found).toHaveLength(16);
    expect(found.at(-1)?.id).toBe("1777635139/001");
  });
});
