import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, statusOf, statusOfHttp } from "./status.ts";

describe("statusOf()", () => {
  it.each([
    [{ "grpc-status": "0" }, "ok", ""],
    [{ "grpc-status": "5", "grpc-message": "no %22x%22: f%C3%BCnf" }, "not-found", 'no "x": fünf'],
    [{ "grpc-status": "16" }, "unauthenticated", ""],
    [{ "grpc-status": "17" }, "unknown", ""],
    [{ "grpc-status": "x" }, "unknown", ""],
    [
      { "grpc-status": "2", "grpc-message": "server is not initialized yet" },
      "unavailable",
      "server is not initialized yet",
    ],
    [{ "grpc-status": "2", "grpc-message": "server is" }, "unknown", "server is"],
    [{}, "unknown", "it ended the answer without a status"],
  ])("%j", (headers, status, message) => {
    expect(statusOf(headers)).toEqual({ status, message });
  });
});

describe("statusOfHttp()", () => {
  it.each([
    [503, "unavailable"],
    [404, "unimplemented"],
    [418, "unknown"],
  ])("%d is %s", (http, status) => {
    expect(statusOfHttp(http)).toEqual({ status, message: `it answered HTTP ${http}` });
  });
});

describe("decodeMessage()", () => {
  it("is the inverse of percent-encoding, and never fails", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = Buffer.from(text)
          .toString("latin1")
          .replaceAll(
            /[^\u0020-\u0024\u0026-\u007e]/g,
            (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
          );
        expect(decodeMessage(encoded)).toBe(text.toWellFormed());
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => typeof decodeMessage(text) === "string"));
    expect(decodeMessage("100% of %zz")).toBe("100% of %zz");
  });
});
