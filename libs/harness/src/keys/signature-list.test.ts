import { describe, expect, it } from "vitest";
import { certificateList, guidBytes, hashList, readHashList } from "./signature-list.ts";

const OWNER = "01234567-89ab-cdef-0123-456789abcdef";
const HASHES = ["00".repeat(32), "ff".repeat(32), "5a".repeat(32)];

describe("signature lists", () => {
  it("hold a certificate behind type, three sizes and owner", () => {
    expect(certificateList(OWNER, Buffer.from("cafe", "hex")).toString("hex")).toBe(
      [
        "a159c0a5e494a74a87b5ab155c2bf072",
        "2e000000",
        "00000000",
        "12000000",
        "67452301ab89efcd0123456789abcdef",
        "cafe",
      ].join(""),
    );
  });

  it("give back the hashes that went in", () => {
    expect(readHashList(hashList(OWNER, HASHES))).toEqual(HASHES);
    expect(readHashList(hashList(OWNER, HASHES.slice(0, 1)))).toEqual(HASHES.slice(0, 1));
  });

  it("are not read when cut short, too long, or of another type", () => {
    const list = hashList(OWNER, HASHES);
    for (let bytes = 0; bytes < list.length; bytes++)
      expect(() => readHashList(list.subarray(0, bytes))).toThrow(RangeError);
    expect(() => readHashList(Buffer.concat([list, Buffer.alloc(48)]))).toThrow(RangeError);
    expect(() => readHashList(certificateList(OWNER, Buffer.alloc(32)))).toThrow(RangeError);
  });

  it("take no owner that is no GUID", () => {
    expect(() => guidBytes("me")).toThrow('"me" is no GUID');
  });
});
