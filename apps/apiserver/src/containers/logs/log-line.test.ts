import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCutter, LineJoiner, parseRawLine, PIECE_BYTES, type LogEntry } from "./log-line.ts";

const AT = "2026-11-24T12:00:00.123456789Z";

/** What comes out for a file that is read in pieces of this size. */
function read(file: Buffer, pieceBytes: number): LogEntry[] {
  const cutter = new LineCutter();
  const joiner = new LineJoiner();
  const raw = [];
  for (let from = 0; from < file.length; from += pieceBytes)
    raw.push(...cutter.take(file.subarray(from, from + pieceBytes)));
  return [
    ...[...raw, ...cutter.end()].flatMap((line) => joiner.take(line) ?? []),
    ...joiner.flush(),
  ];
}

/** As containerd writes a text: in pieces of so many bytes, all but the last one partial. */
function written(stream: string, text: Buffer, maxBytes: number): Buffer[] {
  const count = Math.max(1, Math.ceil(text.length / maxBytes));
  return Array.from({ length: count }, (_, index) => {
    const tag = index === count - 1 ? "F" : "P";
    const part = text.subarray(index * maxBytes, (index + 1) * maxBytes);
    return Buffer.concat([Buffer.from(`${AT} ${stream} ${tag} `), part, Buffer.from("\n")]);
  });
}

describe("a log file", () => {
  it("gives whole lines, whatever they hold and however they are cut", () => {
    const text = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte))));
    const line = fc.record({ stream: fc.constantFrom("stdout", "stderr"), text });
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 400 }), (lines, pieceBytes) => {
        const parts = lines.flatMap((one) => written(one.stream, one.text, 100));
        expect(read(Buffer.concat(parts), pieceBytes)).toEqual(
          lines.map((one) => ({
            time: AT,
            stream: one.stream,
            text: one.text.toString("utf8"),
          })),
        );
      }),
    );
  });

  it("keeps the parts of both streams apart", () => {
    const file = `${AT} stdout P a\n${AT} stderr P x\n${AT} stdout F b\n${AT} stderr F y\n`;
    expect(read(Buffer.from(file), 7).map(({ stream, text }) => [stream, text])).toEqual([
      ["stdout", "ab"],
      ["stderr", "xy"],
    ]);
  });

  it("holds no more of a line without an end than it sends at once", () => {
    const text = Buffer.from("ä".repeat(3 * PIECE_BYTES));
    for (const maxBytes of [16_383, text.length]) {
      const entries = read(Buffer.concat(written("stderr", text, maxBytes)), 10_000);
      expect(entries.map((entry) => entry.text).join("")).toBe(text.toString());
      for (const entry of entries) expect(entry.text.length).toBeLessThan(2 * PIECE_BYTES);
      expect(entries.map(({ partial }) => partial === true)).toEqual(
        entries.map((_, index) => index < entries.length - 1),
      );
      expect(new Set(entries.map(({ time, stream }) => `${time} ${stream}`)).size).toBe(1);
    }
  });

  it.each(["", "no line", `${AT} stdout X text`, `${AT} nowhere F text`, "\0\0\0", "stdout F x"])(
    "passes %j on as it is",
    (line) => {
      const bytes = Buffer.from(line);
      expect(parseRawLine(bytes)).toEqual({
        time: null,
        stream: "stdout",
        isPartial: false,
        bytes,
      });
    },
  );
});
