import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { journalEntries } from "./journal-entries.ts";

async function entries(pieces: readonly string[]): Promise<unknown[]> {
  let text = "";
  for await (const piece of journalEntries(Readable.from(pieces.map((one) => Buffer.from(one)))))
    text += piece;
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}

const at = { __REALTIME_TIMESTAMP: "1764000000123456" };
const time = "2025-11-24T16:00:00.123Z";

it("tells journal entries as lines of a container", async () => {
  const lines = [
    { ...at, PRIORITY: "6", MESSAGE: "hello" },
    { ...at, PRIORITY: "3", MESSAGE: "Fäuste" },
    { ...at, MESSAGE: [104, 105, 255] },
    { ...at, PRIORITY: "6", MESSAGE: null },
    { MESSAGE: "no time" },
  ].map((entry) => `${JSON.stringify(entry)}\n`);
  const whole = lines.join("");
  const expected = [
    { time, stream: "stdout", text: "hello" },
    { time, stream: "stderr", text: "Fäuste" },
    { time, stream: "stdout", text: "hi\ufffd" },
    { time: null, stream: "stdout", text: "no time" },
  ];
  expect(await entries([whole])).toEqual(expected);
  expect(await entries(whole.split(/(?=.)/su))).toEqual(expected);
});

it("passes over what is no entry, and does not hold one that has no end", async () => {
  const good = `${JSON.stringify({ ...at, MESSAGE: "good" })}\n`;
  const long = `{"MESSAGE":"${"x".repeat(1024 * 1024)}`;
  expect(await entries(["nonsense\n7\n", long, 'yyy"}\n', good])).toEqual([
    { time, stream: "stdout", text: "good" },
  ]);
});
