import * as zlib from "node:zlib";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { crc32 } from "./crc32.ts";

it("is the CRC-32 of zlib", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcb_f4_39_26);
  expect(crc32(new Uint8Array())).toBe(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(crc32(bytes)).toBe(zlib.crc32(bytes));
    }),
  );
});
