import { X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiRemote } from "./api-remote.ts";
import { readDerValues } from "./der.ts";
import { TEST_CERTIFICATE, TEST_KEY, TEST_REVOCATION_LIST } from "./pem.fixture.ts";
import { normalSerial, pemRevocationLists } from "./revocation-list.ts";

const authority = new X509Certificate(TEST_CERTIFICATE);
const bytes = Buffer.from(TEST_REVOCATION_LIST.replaceAll(/-----[^-]+-----/g, ""), "base64");

function pem(list: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${list.toString("base64")}\n-----END X509 CRL-----\n`;
}

/** The verdict on a list: whether the authority has signed it, or that it is none. */
function verdict(list: Buffer): boolean | "unreadable" {
  try {
    return pemRevocationLists(pem(list)).every((one) => one.isSignedBy(authority));
  } catch {
    return "unreadable";
  }
}

describe("pemRevocationLists()", () => {
  it("reads what openssl wrote", () => {
    const lists = pemRevocationLists(`first\n${TEST_REVOCATION_LIST}\nsecond\n${pem(bytes)}`);
    expect(lists).toHaveLength(2);
    expect(lists[0]).toMatchObject({
      serials: new Set(["A0B"]),
      thisUpdate: new Date("2026-11-24T10:34:38Z"),
      nextUpdate: new Date("2126-10-31T10:34:38Z"),
    });
    expect(lists[0]?.isSignedBy(authority)).toBe(true);
  });

  it("believes no list of which a bit was changed", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8((changed[at] ?? 0) ^ (1 << bit), at);
        expect(verdict(changed)).not.toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("reads no part of a list, and nothing behind it", () => {
    for (let length = 1; length < bytes.length; length += 1)
      expect(verdict(bytes.subarray(0, length))).toBe("unreadable");
    expect(verdict(Buffer.concat([bytes, Buffer.from([5, 0])]))).toBe("unreadable");
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (random) => {
        expect(verdict(Buffer.from(random))).not.toBe(true);
      }),
    );
  });
});

describe("readDerValues()", () => {
  it.each([
    ["a length that is not definite", "3080"],
    ["a length that is longer than needed", "30817f"],
    ["a length with a leading zero", "30820080"],
    ["a length past the end", "3002aa"],
    ["a length of five bytes", "30850000000001"],
    ["a long tag", "1f8100"],
    ["no length", "30"],
  ])("refuses %s", (_name, hex) => {
    expect(() => readDerValues(Buffer.from(hex, "hex"))).toThrow("DER");
  });

  it("gives back all bytes it was given", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (contents) => {
        const encoded = contents.map((content) => {
          const { length } = content;
          const head =
            length < 0x80
              ? [4, length]
              : length < 0x100
                ? [4, 0x81, length]
                : [4, 0x82, 1, length - 256];
          return Buffer.from([...head, ...content]);
        });
        const read = readDerValues(Buffer.concat(encoded));
        expect(read.map(({ content }) => Buffer.from(content))).toEqual(
          contents.map((content) => Buffer.from(content)),
        );
      }),
    );
  });
});

describe("normalSerial()", () => {
  it.each([
    ["0a0b", "A0B"],
    ["00ff", "FF"],
    ["00", "0"],
    ["0", "0"],
  ])("writes %s as %s", (hex, serial) => {
    expect(normalSerial(hex)).toBe(serial);
  });
});

describe("api.remote.revocation-list", () => {
  const COMPLETE = {
    enabled: true,
    port: 8443,
    "ca-certificate": TEST_CERTIFICATE,
    "server-certificate": TEST_CERTIFICATE,
    "server-key": TEST_KEY,
    "revocation-list": TEST_REVOCATION_LIST,
  };

  it("is taken from the authority alone", () => {
    expect(apiRemote.check(COMPLETE)).toEqual([]);
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
    for (const value of [
      { ...COMPLETE, "revocation-list": `${TEST_REVOCATION_LIST}\n${pem(changed)}` },
      { ...COMPLETE, enabled: false, "ca-certificate": undefined },
    ])
      expect(apiRemote.check(value)).toContainEqual({
        key: "revocation-list",
        reason: "must be signed by a certificate of ca-certificate",
      });
  });

  it.each(["", "hello", TEST_CERTIFICATE, pem(bytes.subarray(1)), "x".repeat(300_000)])(
    "refuses what is no list",
    (text) => {
      const parsed = apiRemote.schema.safeParse({ ...COMPLETE, "revocation-list": text });
      expect(parsed.error?.issues.map(({ path }) => path)).toContainEqual(["revocation-list"]);
    },
  );
});
