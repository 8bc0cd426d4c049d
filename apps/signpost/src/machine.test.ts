import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Places } from "./places.ts";
import {
  BOOT_GUID,
  flagsBySgdisk,
  makeDiskImage,
  makeMachine,
  run,
  type MachineFacts,
} from "./test-disk.ts";
import { setUuid, uuidOf } from "./test-tools.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-machine-"));
const image = path.join(folder, "disk.img");
const original = fs.readFileSync(makeDiskImage(image));
beforeEach(() => {
  fs.writeFileSync(image, original);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const NEW = { priority: 1, triesLeft: 7, successful: true };
const ROOT = new Uint8Array(3 * 1024 * 1024 + 4096);
/** A machine that runs from A, as kernel and firmware say. */
const ON_A: MachineFacts = {
  slaves: ["vda3", "vda4"],
  loaderPartUuid: BOOT_GUID.A.toUpperCase(),
  root: ROOT,
};
const WRITERS = [
  "mark-successful-boot",
  "refill-tries",
  "clear-inactive",
  `set-slot-uuids --root-hash ${"ab".repeat(32)}`,
  "mark-inactive-valid",
  "upgrade-to-inactive",
  "cancel-upgrade",
  "rollback-to-inactive",
  "rewrite-table",
  "cancel-reset",
  "clear-reset --part state",
];

let machines = 0;
function machine(facts: MachineFacts): Places {
  machines += 1;
  return makeMachine(path.join(folder, `machine-${machines}`), image, facts);
}

function runOn(places: Places, line: string) {
  return run(line.split(" "), places);
}

/** What each writing command and status say of a machine on which nothing may be written. */
async function refusals(places: Places): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const line of WRITERS) {
    const { status, stderr } = await runOn(places, line);
    all.push([status, /: (the root lies on|partition \d) .*/.exec(stderr)?.[0].slice(2)]);
  }
  const { status, stdout } = await runOn(places, "status --json");
  const shown: unknown = JSON.parse(stdout);
  return [...all, [status, shown]];
}

function refusedFor(reason: string): unknown[] {
  return [...WRITERS.map(() => [1, reason]), [0, expect.objectContaining({ conflict: reason })]];
}

describe("on a machine", () => {
  it("marks the slot that runs when kernel and firmware agree", async () => {
    const places = machine(ON_A);
    expect((await runOn(places, "status")).stdout).toMatch(/slot A {3}active, next/);
    const { logged } = await runOn(places, "mark-successful-boot");
    expect(logged.at(-1)).toContain(`notice: Changed partition table disk=${places.dev}/vda`);
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
    expect((await runOn(places, "mark-successful-boot")).logged).toEqual([]);
  });

  it("reads all of the root before the first mark, and only then", async () => {
    const places = machine(ON_A);
    const { logged } = await runOn(places, "mark-successful-boot");
    expect(logged.filter((line) => line.includes("percent="))).toEqual(
      // Four reads of 1 MiB at most.
      [30, 60, 90, 100].map(
        (percent) => `info: Reading the root before it is marked percent=${percent}\n`,
      ),
    );
    await runOn(places, "cancel-upgrade");
    fs.rmSync(path.join(places.dev, "dm-0"));
    expect((await runOn(places, "mark-successful-boot")).status).toBe(0);
  });

  it("marks nothing if the root cannot be read to its end", async () => {
    const places = machine(ON_A);
    fs.truncateSync(path.join(places.dev, "dm-0"), 2_000_000);
    const { status, stderr } = await runOn(places, "mark-successful-boot");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Cannot read root ".*dm-0" at byte 2000000: it ends there/);
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("stops reading the root when it is told to", async () => {
    const places = machine(ON_A);
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(run(["mark-successful-boot"], places, stopped)).resolves.toMatchObject({
      status: 1,
    });
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("does not read the root for a dry run, or to mark a named disk", async () => {
    const places = machine({ slaves: ["vda3", "vda4"], loaderPartUuid: BOOT_GUID.A });
    expect((await runOn(places, "mark-successful-boot --dry-run")).status).toBe(0);
    expect((await runOn(places, `mark-successful-boot --device ${image} --slot A`)).status).toBe(0);
  });

  it("writes nothing when kernel and firmware disagree, and says why", async () => {
    const places = machine({ ...ON_A, loaderPartUuid: BOOT_GUID.B });
    expect(await refusals(places)).toEqual(
      refusedFor(
        `the root lies on partitions 3 and 4 of slot A, whose BOOT partition is ${BOOT_GUID.A}, but the firmware loaded "${BOOT_GUID.B}"`,
      ),
    );
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("warns when no selector set the variable", async () => {
    const { logged } = await runOn(
      machine({ slaves: ["vda6", "vda7"], root: ROOT }),
      "mark-successful-boot",
    );
    expect(logged[0]).toContain("no selector set LoaderDevicePartUUID");
    // Booted as the last resort: from now on a candidate.
    expect(flagsBySgdisk(image, 5)).toEqual(NEW);
  });

  it.each([
    [undefined, "no selector"],
    ["ballast-selector 2", '"ballast-selector 2"'],
    ["another loader 7", '"another loader 7"'],
  ])("requests no reset that the selector %j would not carry out", async (loaderInfo, said) => {
    const places = machine({ ...ON_A, ...(loaderInfo === undefined ? {} : { loaderInfo }) });
    expect(await runOn(places, "request-reset --json")).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("signpost.selector-too-old"),
      stderr: expect.stringContaining(`started by ${said}, must be ballast-selector 3 or newer`),
    });
    expect(fs.readFileSync(image).equals(original)).toBe(true);
    // Whatever started the machine: what is not due can be taken back.
    expect((await runOn(places, "cancel-reset")).status).toBe(0);
  });

  it("requests a reset of a selector that knows it, and lets units ask before they begin", async () => {
    const places = machine({ ...ON_A, loaderInfo: "ballast-selector 3" });
    expect((await runOn(places, "request-reset --data")).status).toBe(0);
    const due = fs.readFileSync(image);
    const asked = await runOn(places, "clear-reset --part state --dry-run");
    expect(asked.stdout).toContain("reset    STATE and DATA -> DATA");
    expect(fs.readFileSync(image).equals(due)).toBe(true);
    await runOn(places, "clear-reset --part state");
    await runOn(places, "clear-reset --part data");
    expect(JSON.parse((await runOn(places, "status --json")).stdout)).toMatchObject({
      reset_due: { state: false, data: false },
    });
  });

  it("cannot tell on another machine", async () => {
    const nothing = await runOn(machine({ slaves: [] }), "status");
    expect(nothing.stderr).toContain("the root lies on 0 disks, must be 1");
    const two = await runOn(machine({ slaves: ["vda3", "vdb4"] }), "status");
    expect(two.stderr).toContain("on 2 disks");
    const nowhere = { ...machine(ON_A), sys: path.join(folder, "nowhere") };
    expect(await runOn(nowhere, "status")).toMatchObject({
      status: 69,
      stderr: expect.stringContaining("Is this a Ballast machine?"),
    });
  });
});

describe("with a second disk", () => {
  const second = path.join(folder, "second.img");
  const withSecond = (partitions = 9): Places =>
    machine({ ...ON_A, others: [{ name: "nvme0n1", image: second, partitions }] });
  /** The same layout, but no UUID in common. */
  let foreign: Buffer;
  beforeAll(() => {
    const file = makeDiskImage(path.join(folder, "foreign.img"));
    for (const number of [2, 5]) setUuid(file, number, randomUUID());
    foreign = fs.readFileSync(file);
  });

  it("writes nothing if it is a copy of the whole disk", async () => {
    fs.writeFileSync(second, original);
    const places = withSecond();
    const reason = `partition 2 of disk "${places.dev}/nvme0n1" has the UUID ${BOOT_GUID.A} of BOOT of slot A too`;
    expect(await refusals(places)).toEqual(refusedFor(reason));
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it.each([
    ["ROOT", 3, 9],
    ["HASH", 4, 1],
  ])("writes nothing if it has the UUID of %s anywhere", async (kind, number, where) => {
    fs.writeFileSync(second, foreign);
    setUuid(second, where, uuidOf(image, number));
    const places = withSecond();
    const reason = `partition ${where} of disk "${places.dev}/nvme0n1" has the UUID ${uuidOf(image, number)} of ${kind} of slot A too`;
    expect(await refusals(places)).toEqual(refusedFor(reason));
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("writes if it is another system's, has no partitions or no GPT", async () => {
    fs.writeFileSync(second, foreign);
    expect((await runOn(withSecond(), "mark-successful-boot")).status).toBe(0);
    fs.writeFileSync(second, original);
    expect((await runOn(withSecond(0), "cancel-upgrade")).status).toBe(0);
    fs.writeFileSync(second, Buffer.alloc(8192));
    expect((await runOn(withSecond(), "refill-tries")).logged).toEqual([]);
  });

  it("tells of one that cannot be read, and goes on", async () => {
    fs.rmSync(second);
    const { status, logged } = await runOn(withSecond(), "mark-successful-boot");
    expect(status).toBe(0);
    expect(logged[0]).toContain("warn: Cannot tell whether disk carries the UUIDs");
    expect(logged[0]).toContain("ENOENT");
  });

  it("sees a UUID that is twice on the machine's own disk", async () => {
    setUuid(image, 6, uuidOf(image, 3));
    const { stdout } = await runOn(machine(ON_A), "status");
    expect(stdout).toMatch(
      /conflict partition 6 of disk ".*vda" has the UUID .* of ROOT of slot A too/,
    );
  });
});
