import { gzipSync } from "node:zlib";
import { createLog } from "@ballast/service";
import { createMemoryExec, createMemoryFs, type MemoryProgram } from "@ballast/system";
import { describe, expect, it } from "vitest";
import type { Metadata, MetadataAnswer } from "./metadata/metadata-service.ts";
import { findUserData, type Found } from "./user-data.ts";

const STATE = { "/var/lib/ballast/user-data.toml": "state" };
const FIRMWARE = { "/sys/firmware/qemu_fw_cfg/by_name/opt/ballast/user-data/raw": "firmware" };
const EC2 = { "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n" };
const QEMU = { "/sys/class/dmi/id/sys_vendor": "QEMU\n" };
const BALLAST = {
  "/dev/disk/by-label/BALLAST": "",
  "/run/ballast/volume/ballast/user-data.toml": "volume",
};
const CIDATA = {
  "/dev/disk/by-label/cidata": "",
  "/run/ballast/volume/cidata/user-data.toml": "seed",
};

const done: MemoryProgram = () => ({ exitCode: 0, stdout: "", stderr: "" });

const NEVER_ASKED: Metadata = { get: () => Promise.reject(new Error("asked")) };

async function find(
  files: Readonly<Record<string, string | Uint8Array>>,
  calls: string[] = [],
  systemctl: MemoryProgram = done,
  metadata = NEVER_ASKED,
): Promise<Found> {
  const parts = {
    fs: createMemoryFs(files),
    exec: createMemoryExec({
      "/usr/bin/udevadm": done,
      "/usr/bin/systemctl": (request) => {
        calls.push(request.args.slice(1).join(" "));
        return systemctl(request);
      },
    }),
    metadata,
    log: createLog({ write: () => undefined, journal: false }),
  };
  return findUserData(parts, new AbortController().signal);
}

function onEc2(answer: MetadataAnswer): Promise<Found> {
  return find({ ...EC2, ...FIRMWARE, ...BALLAST }, [], done, {
    get: async (path, { maxBytes }) => {
      expect([path, maxBytes]).toEqual(["/latest/user-data", 16_384]);
      return answer;
    },
  });
}

describe("findUserData()", () => {
  it.each([
    [{ ...STATE, ...QEMU, ...FIRMWARE, ...BALLAST }, "state", "state"],
    [{ ...QEMU, ...FIRMWARE, ...BALLAST }, "fw-cfg", "firmware"],
    [{ ...FIRMWARE, ...BALLAST, ...CIDATA }, "volume:BALLAST", "volume"],
    [{ ...QEMU, ...CIDATA }, "volume:cidata", "seed"],
    [{ ...STATE, ...EC2 }, "state", "state"],
    [{ "/var/lib/ballast/user-data.toml": gzipSync("packed") }, "state", "packed"],
    [{ ...CIDATA, "/run/ballast/volume/cidata/user-data.toml": gzipSync("") }, "volume:cidata", ""],
  ])("takes the first source of %j", async (files, source, text) => {
    expect(await find(files)).toEqual({ kind: "text", source, text });
  });

  it("finds nothing without a source and mounts nothing", async () => {
    const calls: string[] = [];
    expect(await find({ ...FIRMWARE }, calls)).toEqual({ kind: "none" });
    expect(calls).toEqual([]);
  });

  it("takes user data of EC2 and nothing else there", async () => {
    const text = { kind: "text", source: "ec2", text: "cloud" };
    expect(await onEc2({ found: true, bytes: Buffer.from("cloud") })).toEqual(text);
    expect(await onEc2({ found: true, bytes: gzipSync("cloud") })).toEqual(text);
    expect(await onEc2({ found: false, reason: "none" })).toEqual({ kind: "none" });
  });

  it("unmounts each volume and goes on when it holds no user data", async () => {
    const calls: string[] = [];
    const found = await find({ "/dev/disk/by-label/BALLAST": "", ...CIDATA }, calls);
    expect(found).toMatchObject({ source: "volume:cidata" });
    expect(calls).toEqual([
      "start run-ballast-volume-ballast.mount",
      "stop run-ballast-volume-ballast.mount",
      "start run-ballast-volume-cidata.mount",
      "stop run-ballast-volume-cidata.mount",
    ]);
  });

  it("reports a volume that cannot be mounted and leaves no failed unit", async () => {
    const calls: string[] = [];
    const found = await find(BALLAST, calls, ({ args }) =>
      args.includes("start")
        ? { exitCode: 1, stdout: "", stderr: "bad superblock\n" }
        : { exitCode: 0, stdout: "", stderr: "" },
    );
    expect(found).toEqual({
      kind: "unreadable",
      source: "volume:BALLAST",
      reason: "cannot start run-ballast-volume-ballast.mount: bad superblock",
    });
    expect(calls.at(-1)).toBe("reset-failed run-ballast-volume-ballast.mount");
  });

  it.each([
    ["not UTF-8", Buffer.from([0xff])],
    ["a cut gzip", gzipSync("x").subarray(0, 15)],
    ["a gzip of too much", gzipSync(Buffer.alloc(300_000))],
  ])("reports %s", async (_name, bytes) => {
    const found = await find({ "/var/lib/ballast/user-data.toml": bytes });
    expect(found).toMatchObject({ kind: "unreadable", source: "state" });
  });

  it("reports a text that is too long", async () => {
    const found = await find({ "/var/lib/ballast/user-data.toml": "x".repeat(300_000) });
    expect(found).toMatchObject({ kind: "unreadable", source: "state" });
  });
});
