import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, FrameReader } from "./frame.ts";

function readAll(reader: FrameReader, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) =>
    [...reader.read(chunk)].map((message) => Buffer.from(message).toString("hex")),
  );
}

describe("FrameReader", () => {
  it("finds the messages wherever the stream was cut", () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.array(fc.nat(400), { maxLength: 20 });
    fc.assert(
      fc.property(messages, cuts, (sent, places) => {
        const stream = Buffer.concat(sent.map((message) => frame(message)));
        const at = [0, ...places.map((place) => place % (stream.length + 1)), stream.length];
        const edges = at.toSorted((a, b) => a - b);
        const chunks = edges.slice(1).map((edge, index) => stream.subarray(edges[index], edge));
        const reader = new FrameReader();
        expect(readAll(reader, chunks)).toEqual(
          sent.map((one) => Buffer.from(one).toString("hex")),
        );
        reader.end();
      }),
    );
  });

  it("refuses half a message, a compressed one and one that is too long", () => {
    const half = new FrameReader();
    expect(readAll(half, [frame(Buffer.from("abc")).subarray(0, 6)])).toEqual([]);
    expect(() => {
      half.end();
    }).toThrow("its answer ends within a message");
    expect(() => readAll(new FrameReader(), [Buffer.from([1, 0, 0, 0, 0])])).toThrow(
      "its answer is compressed",
    );
    // From the length alone, before anything of it is kept.
    expect(() => readAll(new FrameReader(10), [Buffer.from([0, 0, 0, 0, 11])])).toThrow(
      "a message of 11 bytes, at most 10",
    );
  });
});
