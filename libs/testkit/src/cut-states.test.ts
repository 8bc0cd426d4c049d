import { describe, expect, it } from "vitest";
import { cutStates, splitWrites } from "./cut-states.ts";
import type { LoggedRequest } from "./write-log.ts";

const EXTENT = { startBytes: 4096, sizeBytes: 4096 };
const NOTHING = { lengthBytes: 0, isFlush: false, isFua: false, isDiscard: false, dataBytesAt: 0 };
const write = (offsetBytes: number, change: Partial<LoggedRequest> = {}): LoggedRequest => ({
  ...NOTHING,
  offsetBytes,
  lengthBytes: 512,
  ...change,
});
const FLUSH: LoggedRequest = { ...NOTHING, offsetBytes: 0, isFlush: true };

function states(requests: readonly LoggedRequest[], from = 0) {
  return cutStates({ file: "", requests }, from, requests.length, EXTENT);
}

describe("cutStates()", () => {
  it("has every order of what was not flushed, and the newest write half done", () => {
    const found = states([write(4096), write(4608), FLUSH]);
    const kept = found.filter(({ isTorn }) => !isTorn).map(({ base, kept: one }) => [base, ...one]);
    expect(kept).toEqual([[0], [0, 0], [0, 1], [0, 0, 1], [3]]);
    expect(found.filter(({ isTorn }) => isTorn).map(({ kept: one }) => one)).toEqual([[0], [0, 1]]);
  });

  it("loses nothing that was flushed or written through", () => {
    const found = states([write(4096), FLUSH, write(4608, { isFua: true }), write(5120)], 4);
    expect(found.every(({ base, kept }) => base === 2 && kept.includes(2))).toBe(true);
  });

  it("does not look at the rest of the disk, but at its flushes", () => {
    const elsewhere = [write(0), write(8192), write(4096, { isDiscard: true })];
    expect(states([...elsewhere, write(4096)]).map(({ kept }) => kept)).toEqual([[], [3], [3]]);
  });

  it("takes long writes apart", () => {
    const long = write(4096, { lengthBytes: 9000, dataBytesAt: 512, isFua: true });
    const { requests } = splitWrites({ file: "", requests: [FLUSH, long] });
    expect(requests.slice(1)).toEqual([
      { ...long, lengthBytes: 4096 },
      { ...long, offsetBytes: 8192, lengthBytes: 4096, dataBytesAt: 4608 },
      { ...long, offsetBytes: 12_288, lengthBytes: 808, dataBytesAt: 8704 },
    ]);
  });

  it("takes a choice of many writes, the same each time", () => {
    const many = Array.from({ length: 12 }, (_, index) => write(4096 + index * 256));
    const found = states(many);
    expect(found.length).toBeLessThan(250);
    expect(states(many)).toEqual(found);
  });
});
