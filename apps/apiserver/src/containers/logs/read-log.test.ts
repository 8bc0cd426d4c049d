import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readLog } from "./read-log.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-log-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (minute: number) => `2026-11-24T12:${String(minute).padStart(2, "0")}:00Z`;

function lines(from: number, to: number, tag = "F"): string {
  return Array.from({ length: to - from }, (_, index) => from + index)
    .map((number) => `${at(number % 60)} stdout ${tag} ${number}\n`)
    .join("");
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

const ALL = 999_999;

async function readOnce(span: Parameters<typeof readLog>[1] = { lines: ALL }): Promise<unknown[]> {
  let text = "";
  for await (const piece of readLog(folder, span, new AbortController().signal)) text += piece;
  return textsOf(text);
}

function textsOf(text: string): unknown[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const entry: unknown = JSON.parse(line);
      return typeof entry === "object" && entry !== null && "text" in entry ? entry.text : entry;
    });
}

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const append = (name: string, text: string) => appendFile(join(folder, name), text);

/** As the manager and containerd begin a log anew. */
async function rotate(attempt: number, text: string): Promise<void> {
  await rename(join(folder, `${attempt}.log`), join(folder, `${attempt}.log.1`));
  await write(`${attempt}.log`, text);
}

/** Follows until the test ends; a reader that is not taken from reads nothing. */
function follow(stillThere = async () => true) {
  const stop = new AbortController();
  const pieces = readLog(folder, { lines: ALL }, stop.signal, stillThere);
  onTestFinished(async () => {
    stop.abort();
    await pieces.return(undefined);
  });
  let text = "";
  const takeAll = async (): Promise<void> => {
    for await (const piece of pieces) text += piece;
  };
  return {
    take: async () => {
      text += (await pieces.next()).value ?? "";
    },
    takeAll,
    seen: () => textsOf(text),
  };
}

describe("the log of a workload", () => {
  it("is read from its oldest file to its newest", async () => {
    await write("0.log.1", lines(0, 10));
    await write("0.log", lines(10, 20));
    await write("10.log", lines(30, 40));
    await write("9.log", lines(20, 30));
    expect(await readOnce()).toEqual(numbers(0, 40));
  });

  it.each([0, 1, 9, 10, 11, 25, 39, 40, 41])("tells its last %i lines", async (count) => {
    await write("0.log.1", lines(0, 10));
    await write("0.log", lines(10, 20));
    await write("1.log", lines(20, 40));
    expect(await readOnce({ lines: count })).toEqual(numbers(Math.max(0, 40 - count), 40));
  });

  it("joins a line that was cut when a file was begun anew", async () => {
    await write("0.log.1", lines(0, 3) + lines(3, 4, "P"));
    await write("0.log", lines(4, 6));
    for (const count of [3, 4, 2]) {
      const all = ["0", "1", "2", "34", "5"];
      expect(await readOnce({ lines: count })).toEqual(all.slice(all.length - count));
    }
  });

  it("does not join what two starts of the container wrote", async () => {
    await write("0.log", lines(0, 1, "P"));
    await write("1.log", lines(1, 2));
    expect(await readOnce()).toEqual(["0", "1"]);
  });

  it("tells what is not older than a time", async () => {
    await write("0.log", `torn\0line\n${lines(0, 20)}`);
    expect(await readOnce({ lines: ALL, sinceMs: Date.parse(at(15)) })).toEqual(numbers(15, 20));
    expect(await readOnce({ lines: 2, sinceMs: Date.parse(at(15)) })).toEqual(numbers(18, 20));
    expect(await readOnce({ lines: ALL, sinceMs: Date.parse(at(50)) })).toEqual([]);
  });

  it("is empty before the container began, and takes nothing that is no log", async () => {
    expect(await readOnce()).toEqual([]);
    await write("secret", lines(0, 1));
    await symlink(join(folder, "secret"), join(folder, "0.log"));
    await mkdir(join(folder, "1.log"));
    await write("x.log", lines(0, 1));
    expect(await readOnce()).toEqual([]);
    await rm(folder, { recursive: true });
    expect(await readOnce()).toEqual([]);
  });
});

describe("a followed log", { timeout: 20_000 }, () => {
  it("goes on through new files, restarts and containers made anew", async () => {
    await write("0.log", lines(0, 10));
    const { takeAll, seen } = follow();
    const over = takeAll();
    await expect.poll(seen).toEqual(numbers(0, 10));
    await append("0.log", lines(10, 20));
    await rotate(0, lines(30, 40));
    // What containerd still had in hand.
    await append("0.log.1", lines(20, 30));
    await expect.poll(seen, { timeout: 3000 }).toEqual(numbers(0, 40));
    await write("1.log", lines(40, 50));
    await expect.poll(seen, { timeout: 3000 }).toEqual(numbers(0, 50));
    await rm(join(folder, "0.log"));
    await rm(join(folder, "0.log.1"));
    await append("1.log", lines(50, 60));
    await expect.poll(seen, { timeout: 3000 }).toEqual(numbers(0, 60));
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await write("0.log", lines(60, 70));
    await expect.poll(seen, { timeout: 3000 }).toEqual(numbers(0, 70));
    void over;
  });

  it("misses nothing that is removed before a slow reader came to it", async () => {
    const many = 8000;
    await write("0.log", lines(0, many));
    const { take, takeAll, seen } = follow();
    await take();
    for (const round of [1, 2, 3]) {
      await rotate(0, lines(round * many, (round + 1) * many));
      await sleep(600);
    }
    await rm(folder, { recursive: true });
    void takeAll();
    await expect.poll(() => seen().length, { timeout: 5000 }).toBe(4 * many);
    expect(seen()).toEqual(numbers(0, 4 * many));
  });

  it("holds only so many files for a reader that does not read, and says so", async () => {
    await write("0.log", lines(0, 8000));
    const { take, takeAll, seen } = follow();
    await take();
    for (const round of [1, 2, 3, 4, 5]) {
      await rotate(0, `${at(0)} stdout F round ${round}\n`);
      await sleep(400);
    }
    void takeAll();
    const rest = ["round 3", "round 4", "round 5"];
    await expect.poll(() => seen().slice(8000), { timeout: 5000 }).toEqual([{ lost: 2 }, ...rest]);
  });

  it("ends when there will be no more", async () => {
    await write("0.log", lines(0, 5) + lines(5, 6, "P"));
    let asked = 0;
    const { takeAll, seen } = follow(async () => (asked += 1) < 3);
    await takeAll();
    expect(seen()).toEqual(numbers(0, 6));
  });
});
