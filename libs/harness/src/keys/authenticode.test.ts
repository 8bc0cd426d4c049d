import { describe, expect, it } from "vitest";
import { authenticodeSha256 } from "./authenticode.ts";

const PE = 0x80;
const OPTIONAL = PE + 24;
const CHECKSUM = OPTIONAL + 64;
const ENTRY = OPTIONAL + 112 + 32;

/** Headers of a 64-bit image, then its bytes; with a signature of so many bytes at the end. */
function image(bytes: number, signatureBytes = 0): Buffer {
  const file = Buffer.alloc(bytes + signatureBytes, 0x55);
  file.write("MZ");
  file.writeUInt32LE(PE, 0x3c);
  file.writeUInt32LE(0x4550, PE);
  file.writeUInt16LE(0x20b, OPTIONAL);
  file.writeUInt32LE(16, OPTIONAL + 108);
  file.writeUInt32LE(0, CHECKSUM);
  file.writeUInt32LE(signatureBytes === 0 ? 0 : bytes, ENTRY);
  file.writeUInt32LE(signatureBytes, ENTRY + 4);
  return file;
}

function hash(file: Buffer): string {
  return authenticodeSha256(file, "x.efi");
}

describe("authenticodeSha256()", () => {
  it("is the same before and after signing, whatever the signature is", () => {
    const unsigned = hash(image(1024));
    const signed = image(1024, 64);
    expect(hash(signed)).toBe(unsigned);
    signed.fill(0xaa, 1024);
    signed.writeUInt32LE(0x1234, CHECKSUM);
    expect(hash(signed)).toBe(unsigned);
    expect(hash(image(1024, 128))).toBe(unsigned);
  });

  it("is another one for every byte of the image that changes", () => {
    const unsigned = image(512);
    const before = hash(unsigned);
    const pointers = new Set([0, 1, 0x3c, 0x3d, 0x3e, 0x3f]);
    for (let at = 0; at < unsigned.length; at++) {
      const isFree = (at >= CHECKSUM && at < CHECKSUM + 4) || (at >= ENTRY && at < ENTRY + 8);
      const isHeader = pointers.has(at) || (at >= PE && at < PE + 4);
      const isKind = at >= OPTIONAL && at < OPTIONAL + 2;
      if (isFree || isHeader || isKind) continue;
      const changed = Buffer.from(unsigned);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x80, at);
      expect(hash(changed), `byte ${at}`).not.toBe(before);
    }
  });

  it.each([
    ["text", Buffer.from("#!/bin/sh\n"), "it is no PE image"],
    ["nothing", Buffer.alloc(0), "it is no PE image"],
    ["headers cut short", image(1024).subarray(0, ENTRY + 4), "it is no PE image"],
    [
      "bytes after the signature",
      Buffer.concat([image(1024, 64), Buffer.alloc(8)]),
      "does not end",
    ],
  ])("refuses %s", (_, file, reason) => {
    expect(() => hash(file)).toThrow(
      `Cannot hash "x.efi": ${reason === "does not end" ? "its signature does not end" : reason}`,
    );
  });
});
