import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeScratchDir } from "@ballast/vm";
import { expect, it } from "vitest";
import { tableStates, type TableState } from "./table-states.ts";
import type { LoggedRequest } from "./write-log.ts";

const LAST = 2047;

interface Write {
  readonly sector: number;
  /** One value a sector, which fills it. */
  readonly values: readonly number[];
  readonly isFua?: boolean;
}

/** The states after these requests to an empty disk of 1 MiB; QEMU's own log would have flushes of its own. */
async function statesAfter(
  ...requests: readonly (Write | "flush")[]
): Promise<readonly TableState[]> {
  using scratch = makeScratchDir();
  const file = join(scratch.path, "log");
  const before = join(scratch.path, "before");
  writeFileSync(before, "");
  truncateSync(before, (LAST + 1) * 512);
  const data: Buffer[] = [];
  const logged = requests.map((request): LoggedRequest => {
    const isFlush = request === "flush";
    const dataBytesAt = data.reduce((sum, { length }) => sum + length, 0);
    const values = isFlush ? [] : request.values;
    data.push(...values.map((value) => Buffer.alloc(512, value)));
    return {
      offsetBytes: isFlush ? 0 : request.sector * 512,
      lengthBytes: values.length * 512,
      isFlush,
      isFua: !isFlush && request.isFua === true,
      isDiscard: false,
      dataBytesAt,
    };
  });
  writeFileSync(file, Buffer.concat(data));
  return await tableStates({ file, requests: logged }, before);
}

/** First bytes of these sectors. */
function show(state: TableState, ...sectors: readonly number[]): string {
  return sectors.map((sector) => state.read(sector * 512, 512)[0]).join("");
}

it("tableStates() gives every order of the sectors between two flushes, and loses nothing after one", async () => {
  const states = await statesAfter(
    { sector: 1, values: [1] },
    { sector: 2, values: [2] },
    "flush",
    { sector: 2, values: [3, 3] },
  );
  expect(states.map((state) => show(state, 1, 2, 3)).toSorted()).toEqual([
    "000",
    "020",
    "100",
    "120",
    "123",
    "130",
    "133",
  ]);
});

it("tableStates() tells versions of one sector apart and ignores what lies between the tables", async () => {
  const states = await statesAfter(
    { sector: 1, values: [1] },
    { sector: 200, values: [9, 9] },
    { sector: 1, values: [2] },
    { sector: LAST, values: [3] },
  );
  expect(states.map((state) => show(state, 1, LAST)).toSorted()).toEqual([
    "00",
    "03",
    "10",
    "13",
    "20",
    "23",
  ]);
  expect(() => states[0]?.read(100 * 1024, 512)).toThrow("is in no table");
});

it("tableStates() keeps a write with FUA and nothing else of what is cached", async () => {
  const states = await statesAfter(
    { sector: 1, values: [1] },
    { sector: 2, values: [2], isFua: true },
    { sector: 1, values: [4] },
  );
  const texts = states.map((state) => show(state, 1, 2));
  expect(texts.toSorted()).toEqual(["00", "02", "10", "12", "42"]);
  expect(texts.at(-1)).toBe("42");
});

it("tableStates() says how far the rest of the disk has come", async () => {
  const states = await statesAfter({ sector: 1, values: [1] }, "flush", { sector: 2, values: [2] });
  expect(states.map(({ requestCount }) => requestCount)).toEqual([0, 0, 2]);
});
