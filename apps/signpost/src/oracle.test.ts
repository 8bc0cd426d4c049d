import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run, TYPES } from "./test-disk.ts";
import { complaintsOf, runTool, sgdisk } from "./test-tools.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-oracle-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const SECTOR = 512;
const ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
const GUIDS = TYPES.map((type) => (type === "ef00" ? ESP : type));

function emptyImage(name: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 24 * 1024 * 1024);
  return file;
}

/** The same nine partitions, made by each of the tools. */
const MAKERS = {
  sgdisk: () => {
    const file = emptyImage("sgdisk.img");
    sgdisk(
      ...GUIDS.flatMap((type, index) => [
        `-n${index + 1}:0:+1M`,
        `-t${index + 1}:${type}`,
        `-c${index + 1}:Gewölbe 🚀 ${index}`,
      ]),
      "-A2:set:60",
      "-A9:set:2",
      file,
    );
    return file;
  },
  sfdisk: () => {
    const file = emptyImage("sfdisk.img");
    const lines = GUIDS.map((type) => `size=1MiB, type=${type}, attrs="RequiredPartition GUID:62"`);
    runTool("sfdisk", ["--quiet", file], ["label: gpt", ...lines, ""].join("\n"));
    return file;
  },
  "systemd-repart": () => {
    const definitions = path.join(folder, "repart.d");
    fs.mkdirSync(definitions, { recursive: true });
    GUIDS.forEach((type, index) => {
      fs.writeFileSync(
        path.join(definitions, `${index}.conf`),
        `[Partition]\nType=${type}\nLabel=part-${index}\nSizeMinBytes=1M\nSizeMaxBytes=1M\n`,
      );
    });
    const file = path.join(folder, "repart.img");
    fs.rmSync(file, { force: true });
    const result = runTool("systemd-repart", [
      "--empty=create",
      "--size=24M",
      "--dry-run=no",
      `--definitions=${definitions}`,
      file,
    ]);
    if (result.status !== 0) throw new Error(`systemd-repart failed: ${result.stderr}`);
    return file;
  },
} as const;

/** Numbers of the entries whose bytes 16 to 31 (UUID) or 54 and 55 (flags) a command may change. */
interface Allowed {
  readonly uuids?: readonly number[];
  readonly flags?: readonly number[];
}

const LIFE: readonly (readonly [string, Allowed])[] = [
  // The tools gave no flags; that A runs makes it the one to keep.
  ["mark-successful-boot", { flags: [2, 8] }],
  ["clear-inactive", { uuids: [6, 7], flags: [5] }],
  [`set-slot-uuids --root-hash ${"4f".repeat(16)}${"0e".repeat(16)}`, { uuids: [6, 7] }],
  ["mark-inactive-valid", { flags: [5] }],
  ["upgrade-to-inactive", { flags: [2, 5] }],
  ["cancel-upgrade", { flags: [2, 5] }],
  ["refill-tries", {}],
  ["rewrite-table", {}],
];

/** Offsets of bytes that differ although nothing about them was asked for. */
function strayBytes(before: Buffer, after: Buffer, { uuids = [], flags = [] }: Allowed): number[] {
  const last = before.length - SECTOR;
  const tables = [SECTOR, last].map(
    (header) => Number(before.readBigUInt64LE(header + 72)) * SECTOR,
  );
  const ranges = [
    ...[SECTOR, last].flatMap((header) => [
      [header + 16, 4],
      [header + 88, 4],
    ]),
    ...tables.flatMap((table) => [
      ...uuids.map((number) => [table + (number - 1) * 128 + 16, 16]),
      ...flags.map((number) => [table + (number - 1) * 128 + 54, 2]),
    ]),
  ] as const;
  const masked = Buffer.from(after);
  for (const [start = 0, length = 0] of ranges) before.copy(masked, start, start, start + length);
  if (masked.equals(before)) return [];
  return [...masked.keys()].filter((offset) => masked[offset] !== before[offset]);
}

describe.each(Object.entries(MAKERS))("on a table made by %s", (_tool, makeImage) => {
  const made = makeImage();
  const pristine = fs.readFileSync(made);
  const make = (): string => {
    fs.writeFileSync(made, pristine);
    return made;
  };

  it("each command changes what it says and no byte more, and four tools find nothing to repair", async () => {
    const file = make();
    expect(complaintsOf(file)).toEqual([]);
    const results: unknown[] = [];
    for (const [line, allowed] of LIFE) {
      const before = fs.readFileSync(file);
      const { status } = await run([...line.split(" "), "--device", file, "--slot", "A"]);
      const after = fs.readFileSync(file);
      results.push([line, status, strayBytes(before, after, allowed), complaintsOf(file)]);
    }
    expect(results).toEqual(LIFE.map(([line]) => [line, 0, [], []]));
    const told = runTool("sfdisk", ["--json", file]).stdout.toLowerCase();
    expect(told).toMatch(/"uuid": *"4f4f4f4f-4f4f-4f4f-4f4f-4f4f4f4f4f4f"/);
    expect(told).toMatch(/"attrs": *"[^"]*guid:[^"]*49,52,53,54,56/);
  });

  it("rewrite-table fits it to a disk that grew, and to one that was cut short again", async () => {
    const file = make();
    const entries = (): string =>
      runTool("sfdisk", ["--dump", file]).stdout.replaceAll(/^last-lba.*\n/gm, "");
    const before = entries();
    for (const mebibytes of [25, 24]) {
      fs.truncateSync(file, mebibytes * 1024 * 1024);
      expect(await run(["rewrite-table", "--device", file])).toMatchObject({ status: 0 });
      expect(complaintsOf(file)).toEqual([]);
      expect(entries()).toBe(before);
      const { stdout } = await run(["rewrite-table", "--device", file]);
      expect(stdout).toContain("nothing to do");
    }
  });

  it("a damaged copy is repaired to what the tool wrote", async () => {
    const file = make();
    const original = fs.readFileSync(file);
    for (const offset of [
      SECTOR + 60,
      2 * SECTOR + 5,
      original.length - SECTOR + 20,
      original.length - 33 * SECTOR,
    ]) {
      const damaged = Buffer.from(original);
      damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x5a, offset);
      fs.writeFileSync(file, damaged);
      expect(await run(["rewrite-table", "--device", file])).toMatchObject({ status: 0 });
      expect(fs.readFileSync(file).equals(original)).toBe(true);
    }
  });
});
