// oxlint-disable-next-line no-restricted-imports -- another program must be able to read the archive
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { textPart, type ArchivePart } from "./archive-part.ts";
import { boundedLines } from "./bounded-lines.ts";
import { writeArchive, type ArchiveLimits } from "./write-archive.ts";

const LIMITS: ArchiveLimits = { fileBytes: 1000, partBytes: 10_000, partMs: 300, totalMs: 2000 };
const Manifest = z.object({
  parts: z.array(
    z.object({
      name: z.string(),
      files: z.array(z.string()),
      fault: z.string().nullable(),
      redacted_lines: z.int(),
    }),
  ),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-archive-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The files of the archive, as tar(1) finds them. */
async function unpack(parts: readonly ArchivePart[], limits = LIMITS, secrets: string[] = []) {
  const signal = new AbortController().signal;
  const bytes = await buffer(
    Readable.from(writeArchive({ parts, secrets, signal, nowMs: Date.now, limits }), {
      objectMode: false,
    }),
  );
  execFileSync("tar", ["-x", "-C", folder], { input: bytes });
  const root = join(folder, "ballast-logs");
  const files = Object.fromEntries(
    readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]),
  );
  return { files, manifest: Manifest.parse(JSON.parse(files["manifest.json"] ?? "")) };
}

const lines = (
  name: string,
  give: (signal: AbortSignal) => AsyncIterable<string[]>,
): ArchivePart => ({ name, lines: give });

describe("an archive", () => {
  it("is one that tar reads, and its manifest tells of each part", async () => {
    const { files, manifest } = await unpack([
      textPart("empty.txt", async () => ""),
      textPart("a.txt", async () => "x\npassword=hunter2\n"),
      { name: "b.json", json: async () => ({ ü: "é", token: "t0ken" }) },
    ]);
    expect(files["a.txt"]).toBe("x\npassword=[redacted secret]\n");
    expect(JSON.parse(files["b.json"] ?? "")).toEqual({ ü: "é", token: "[redacted secret]" });
    expect(manifest.parts).toMatchObject([
      { name: "empty.txt", fault: null },
      { name: "a.txt", files: ["a.txt"], fault: null, redacted_lines: 1 },
      { name: "b.json", files: ["b.json"], fault: null, redacted_lines: 1 },
    ]);
  });

  it("goes on in further files, and cuts what has no end", async () => {
    const flood = async function* () {
      for (;;) {
        await delay(0);
        yield Array.from({ length: 20 }, () => "y".repeat(99));
      }
    };
    const { files, manifest } = await unpack([lines("journal.txt", flood)]);
    expect(Object.keys(files)).toContain("journal.009.txt");
    expect(files["journal.002.txt"]).toHaveLength(1000);
    expect(manifest.parts[0]?.fault).toContain("longer than 10000 bytes");
    expect(files["journal.txt.failed.txt"]).toContain("longer than 10000 bytes");
  });

  it("has a file with the reason for a part that fails, with what came before it", async () => {
    const broken = async function* () {
      yield ["first"];
      throw new Error("exit code 1, https://u:p4ss@h is wrong");
    };
    const { files, manifest } = await unpack([
      lines("net.txt", broken),
      textPart("next.txt", async () => "ok"),
    ]);
    expect(files["net.txt"]).toBe("first\n");
    expect(files["net.txt.failed.txt"]).toBe(
      "exit code 1, https://[redacted credentials]@h is wrong\n",
    );
    expect(files["next.txt"]).toBe("ok\n");
    expect(manifest.parts[0]?.fault).not.toContain("p4ss");
  });

  it("waits for no part longer than it may, however it hangs", async () => {
    const started = performance.now();
    const silent = async function* () {
      yield ["one"];
      await new Promise(() => undefined);
    };
    const hanging = Array.from({ length: 20 }, (_, at) => lines(`h${at}.txt`, silent));
    const { files, manifest } = await unpack([
      { name: "never.json", json: () => new Promise(() => undefined) },
      ...hanging,
    ]);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(files["never.json.failed.txt"]).toContain("took more than");
    expect(files["h0.txt"]).toBe("one\n");
    expect(manifest.parts.at(-1)?.fault).toContain("No time was left");
  });

  it("ends its parts when nobody waits for it any more", async () => {
    const stop = new AbortController();
    let partSignal: AbortSignal | undefined;
    const silent = async function* (signal: AbortSignal) {
      partSignal = signal;
      yield ["one"];
      await new Promise(() => undefined);
    };
    const archive = writeArchive({
      parts: [lines("a.txt", silent)],
      secrets: [],
      signal: stop.signal,
      nowMs: Date.now,
    });
    const reading = archive.next();
    await delay(20);
    stop.abort(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
    expect(partSignal?.aborted).toBe(true);
  });

  it("holds in memory no more than a file of a part", async () => {
    let given = 0;
    const flood = async function* () {
      for (; given < 1000; given += 1) yield ["z".repeat(99)];
    };
    const limits = { ...LIMITS, partBytes: 1_000_000, partMs: 5000 };
    const archive = writeArchive({
      parts: [lines("a.txt", flood)],
      secrets: [],
      signal: new AbortController().signal,
      nowMs: Date.now,
      limits,
    });
    await archive.next();
    await delay(20);
    expect(given).toBeLessThan(15);
    await archive.return(undefined);
  });
});

describe("boundedLines()", () => {
  const read = async (chunks: readonly (string | Buffer)[]): Promise<string[]> => {
    const stream = new PassThrough();
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    return (await Array.fromAsync(boundedLines(stream))).flat();
  };

  it("puts lines together over chunks, also within a character", async () => {
    const bytes = Buffer.from("aé\n\nb");
    const chunks = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await read(chunks)).toEqual(["aé", "", "b"]);
  });

  it("leaves a line out that is too long, whole", async () => {
    const long = "k".repeat(100_000);
    const left = expect.stringContaining("was left out");
    expect(await read(["a\n", long, long, long, long, "tail\nb\n"])).toEqual(["a", left, "b"]);
    expect(await read([long, long, long])).toEqual([left]);
    expect(await read([`${long}${long}${long}\nb`])).toEqual([left, "b"]);
  });
});
