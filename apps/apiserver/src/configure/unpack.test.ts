import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpackText } from "./unpack.ts";

const MAX_BYTES = 1000;

function withoutSum(bytes: Buffer): Buffer {
  return bytes.fill(0, bytes.length - 8, bytes.length - 4);
}

describe("unpackText()", () => {
  it.each([
    ["text", Buffer.from("motd")],
    ["gzip", gzipSync("motd")],
    ["gzip of two members", Buffer.concat([gzipSync("mo"), gzipSync("td")])],
  ])("reads %s", (_name, bytes) => {
    expect(unpackText(bytes, MAX_BYTES)).toBe("motd");
  });

  it.each([
    ["gzip that ends early", gzipSync("motd").subarray(0, -1), "not-gzip"],
    ["two bytes of gzip", Buffer.from([0x1f, 0x8b]), "not-gzip"],
    ["gzip with a wrong sum", withoutSum(gzipSync("motd")), "not-gzip"],
    ["garbage behind the magic", Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9]), "not-gzip"],
    ["more than allowed", gzipSync(Buffer.alloc(MAX_BYTES + 1)), "too-large"],
    [
      "more than allowed in two members",
      Buffer.concat([gzipSync(Buffer.alloc(600)), gzipSync(Buffer.alloc(600))]),
      "too-large",
    ],
    ["packed bytes that are no text", gzipSync(Buffer.from([0xc3])), "not-text"],
    ["gzip in gzip", gzipSync(gzipSync("motd")), "not-text"],
    ["bytes that are no text", Buffer.from([0x1f, 0x8c]), "not-text"],
  ])("refuses %s", (_name, bytes, code) => {
    expect(() => unpackText(bytes, MAX_BYTES)).toThrow(
      expect.objectContaining({ code: `apiserver.source-${code}` }),
    );
  });

  it("ends a bomb without holding what it unpacks to", () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => unpackText(bomb, 256 * 1024)).toThrow("it is longer than 262144 bytes");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });
});
