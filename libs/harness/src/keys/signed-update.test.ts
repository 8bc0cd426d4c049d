import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTool } from "../core/run-tool.ts";
import { makeKeyPair, type KeyPair } from "./certificate.ts";
import { hashList } from "./signature-list.ts";
import { signedUpdate, type Update } from "./signed-update.ts";

const OWNER = "01234567-89ab-cdef-0123-456789abcdef";
const LISTS = hashList(OWNER, ["ab".repeat(32)]);
const UPDATE: Update = {
  variable: "dbx",
  lists: LISTS,
  time: new Date("2026-01-02T03:04:05Z"),
  isAppended: true,
};
const HEADER_BYTES = 16 + 8 + 16;

let folder: string;
let kek: KeyPair;
let stranger: KeyPair;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-update-"));
  [kek, stranger] = [await makeKeyPair("KEK", "test"), await makeKeyPair("KEK", "other")];
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What firmware puts together from the call and verifies (UEFI 2.10), with dbx's vendor and these attributes. */
function message(update: Buffer, attributes: number): Buffer {
  return Buffer.concat([
    Buffer.from("dbx", "utf16le"),
    Buffer.from("cbb219d73a3d9645a3bcdad00e67656f", "hex"),
    Buffer.from([attributes, 0, 0, 0]),
    update.subarray(0, 16),
    LISTS,
  ]);
}

/** openssl wants the SignedData in a ContentInfo. */
function inContentInfo(signedData: Buffer): Buffer {
  const long = (tag: number, content: Buffer): Buffer => {
    const head = Buffer.from([tag, 0x82, 0, 0]);
    head.writeUInt16BE(content.length, 2);
    return Buffer.concat([head, content]);
  };
  const oid = Buffer.from("06092a864886f70d010702", "hex");
  return long(0x30, Buffer.concat([oid, long(0xa0, signedData)]));
}

async function verify(update: Buffer, content: Buffer, trusted: KeyPair): Promise<string> {
  const end = 16 + update.readUInt32LE(16);
  const files = {
    p7: join(folder, "p7"),
    content: join(folder, "content"),
    ca: join(folder, "ca"),
  };
  await writeFile(files.p7, inContentInfo(update.subarray(HEADER_BYTES, end)));
  await writeFile(files.content, content);
  await writeFile(files.ca, trusted.certificate);
  return runTool("openssl", [
    ...["cms", "-verify", "-binary", "-inform", "DER", "-in", files.p7, "-content", files.content],
    ...["-CAfile", files.ca, "-purpose", "any", "-out", "/dev/null"],
  ]);
}

describe("signedUpdate()", () => {
  it("begins with the time in UTC, its months counted from 1", () => {
    const update = signedUpdate(UPDATE, kek);
    expect(update.readUInt16LE(0)).toBe(2026);
    expect([...update.subarray(2, 16)]).toEqual([1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(update.readUInt16LE(20)).toBe(0x0200);
    expect(update.readUInt16LE(22)).toBe(0x0ef1);
    expect(update.subarray(24, 40).toString("hex")).toBe("9dd2af4adf68ee498aa9347d375665a7");
    expect(update.subarray(16 + update.readUInt32LE(16))).toEqual(LISTS);
  });

  it("has a signature by the signer over name, vendor, attributes, time and lists, says openssl", async () => {
    const update = signedUpdate(UPDATE, kek);
    await verify(update, message(update, 0x67), kek);
    await expect(verify(update, message(update, 0x67), stranger)).rejects.toThrow("openssl");
    // Replacing all of dbx is not what was signed.
    await expect(verify(update, message(update, 0x27), kek)).rejects.toThrow("openssl");
    const older = Buffer.from(update);
    older.writeUInt16LE(2099, 0);
    await expect(verify(older, message(older, 0x67), kek)).rejects.toThrow("openssl");
  });

  it("says in its attributes whether it adds or replaces", async () => {
    const update = signedUpdate({ ...UPDATE, isAppended: false }, kek);
    await verify(update, message(update, 0x27), kek);
    await expect(verify(update, message(update, 0x67), kek)).rejects.toThrow("openssl");
  });
});
