import { open, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { constants, zstdCompressSync } from "node:zlib";
import { createNodeClock } from "@ballast/system";
import { parseChunkIndex, type Chunk } from "@ballast/updates";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BLOCK_BYTES, blocks, testRelease, type TestRelease } from "../release.fixture.ts";
import {
  rangeOf,
  serve,
  startRepository,
  type Answer,
  type TestRepository,
} from "../repository.fixture.ts";
import { IMAGE_NAMES } from "../machine/partitions.ts";
import { type ImageTransfer, type TransferPorts } from "./image-transfer.ts";
import { openPartition, type OpenPartition } from "./partition.ts";
import type { Progress } from "./progress.ts";
import { transferImages } from "./transfer.ts";

const ROOT_BLOCKS = 900;
const PARTITION_BYTES = 1200 * BLOCK_BYTES;
const OLD = testRelease("1.0.0", {
  root: blocks("root", ROOT_BLOCKS),
  boot: blocks("boot", 100),
});
const NEW = testRelease("1.1.0", {
  root: Buffer.concat([
    OLD.images.root.subarray(0, 400 * BLOCK_BYTES),
    blocks("new", 4),
    OLD.images.root.subarray(404 * BLOCK_BYTES),
  ]),
  boot: OLD.images.boot,
});
const TARGET = NEW.release.images.root.target;

let repository: TestRepository;
beforeEach(async () => {
  repository = await startRepository([OLD, NEW]);
  for (const name of IMAGE_NAMES) await emptyPartition(partition(name));
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

const partition = (name: string) => join(repository.folder, `slot-b-${name}`);
const ownPartition = (name: string) => join(repository.folder, `slot-a-${name}`);

async function emptyPartition(path: string): Promise<void> {
  await writeFile(path, "");
  await truncate(path, PARTITION_BYTES);
}

function indexOf(test: TestRelease, name: (typeof IMAGE_NAMES)[number]) {
  const { chunks, target, size_bytes: imageBytes } = test.release.images[name];
  const text = test.targets.get(chunks)?.toString() ?? "";
  return parseChunkIndex(text, imageBytes, test.targets.get(target)?.length ?? 0);
}

function transfersOf(test: TestRelease, held?: TestRelease): ImageTransfer[] {
  return IMAGE_NAMES.map((name) => ({
    name,
    image: test.release.images[name],
    index: indexOf(test, name),
    destination: { path: partition(name), sizeBytes: PARTITION_BYTES },
    held:
      held === undefined
        ? undefined
        : {
            index: indexOf(held, name),
            place: { path: ownPartition(name), sizeBytes: held.release.images[name].size_bytes },
          },
  }));
}

async function transfer(transfers: ImageTransfer[], changes: Partial<TransferPorts> = {}) {
  await using snapshot = await repository.refresh();
  return await transferImages(snapshot, transfers, {
    open: openPartition,
    clock: createNodeClock(),
    monotonicMs: () => performance.now(),
    maxBytesPerSecond: undefined,
    onProgress: () => undefined,
    onUnreadable: () => undefined,
    signal: new AbortController().signal,
    ...changes,
  });
}

async function written(name: (typeof IMAGE_NAMES)[number]): Promise<Buffer> {
  const bytes = await readFile(partition(name));
  return bytes.subarray(0, NEW.release.images[name].size_bytes);
}

async function expectWritten(test: TestRelease): Promise<void> {
  for (const name of IMAGE_NAMES)
    expect((await written(name)).equals(test.images[name])).toBe(true);
}

const fetchedBytes = () =>
  repository.asked.reduce((sum, { target, range }) => {
    if (!target.endsWith(".zst")) return sum;
    return sum + (range === undefined ? Infinity : range[1] - range[0]);
  }, 0);
const packedBytes = (test: TestRelease) =>
  [...test.targets].reduce(
    (sum, [name, { length }]) => (name.endsWith(".zst") ? sum + length : sum),
    0,
  );
const imageBytes = (test: TestRelease) =>
  Object.values(test.images).reduce((sum, { length }) => sum + length, 0);

describe("transferImages()", { timeout: 60_000 }, () => {
  it("writes all into an empty slot, and nothing behind the images", async () => {
    const report = await transfer(transfersOf(NEW));
    await expectWritten(NEW);
    expect(report).toEqual({ keptBytes: 0, copiedBytes: 0, fetchedBytes: packedBytes(NEW) });
    expect(fetchedBytes()).toBe(packedBytes(NEW));
    const rest = (await readFile(partition("root"))).subarray(NEW.images.root.length);
    expect(rest.equals(Buffer.alloc(rest.length))).toBe(true);
  });

  it("asks for nothing that is there already", async () => {
    await transfer(transfersOf(NEW));
    const before = fetchedBytes();
    expect(await transfer(transfersOf(NEW))).toEqual({
      keptBytes: imageBytes(NEW),
      copiedBytes: 0,
      fetchedBytes: 0,
    });
    expect(fetchedBytes()).toBe(before);
  });

  it("takes from the running slot what did not change", async () => {
    for (const name of IMAGE_NAMES) await writeFile(ownPartition(name), OLD.images[name]);
    const report = await transfer(transfersOf(NEW, OLD));
    await expectWritten(NEW);
    // The changed blocks, their chunk, and the tree above them.
    expect(report.fetchedBytes).toBeLessThan(0.2 * packedBytes(NEW));
    expect(report.fetchedBytes).toBe(fetchedBytes());
    expect(report.copiedBytes).toBeGreaterThan(0.8 * imageBytes(NEW));
  });

  it("does not believe the running slot", async () => {
    for (const name of IMAGE_NAMES) await writeFile(ownPartition(name), OLD.images[name]);
    const own = await open(ownPartition("root"), "r+");
    await own.write(Buffer.from("rotten"), 0, 6, 100 * BLOCK_BYTES);
    await own.close();
    // It ends too early: an error of the disk at its end.
    await truncate(ownPartition("boot"), 50 * BLOCK_BYTES);
    const unreadable: string[] = [];
    await transfer(transfersOf(NEW, OLD), { onUnreadable: (path) => unreadable.push(path) });
    await expectWritten(NEW);
    expect(new Set(unreadable)).toEqual(new Set([ownPartition("boot")]));
  });

  it("writes what cannot be read", async () => {
    await transfer(transfersOf(NEW));
    const broken: OpenPartition = async (place, access) => {
      const inner = await openPartition(place, access);
      if (access === "read") return inner;
      return { ...inner, read: () => Promise.reject(new Error("bad sector")) };
    };
    const report = await transfer(transfersOf(NEW), { open: broken });
    expect(report.fetchedBytes).toBe(packedBytes(NEW));
    await expectWritten(NEW);
  });

  it("goes on where a server cut the line, over and over", async () => {
    let cuts = 0;
    repository.answers.set(TARGET, (request, response, file) => {
      const [first = 0, end = 0] = rangeOf(request) ?? [];
      if (end - first < 200_000) return undefined;
      cuts++;
      response.writeHead(206, {
        "content-length": end - first,
        "content-range": `bytes ${first}-${end - 1}/${file.length}`,
      });
      response.write(file.subarray(first, first + 150_000), () => response.destroy());
      return "taken";
    });
    await transfer(transfersOf(NEW));
    await expectWritten(NEW);
    expect(cuts).toBeGreaterThan(5);
  });

  it("gives up on a server that is dead, and a later run goes on", async () => {
    let isDead = false;
    const answer: Answer = (request, response, file) => {
      const [first = 0] = rangeOf(request) ?? [];
      if (isDead) {
        request.socket.destroy();
        return "taken";
      }
      isDead = true;
      const [, end = 0] = rangeOf(request) ?? [];
      response.writeHead(206, {
        "content-length": end - first,
        "content-range": `bytes ${first}-${end - 1}/${file.length}`,
      });
      response.write(file.subarray(first, first + 1_200_000), () => response.destroy());
      return "taken";
    };
    repository.answers.set(TARGET, answer);
    await expect(transfer(transfersOf(NEW))).rejects.toMatchObject({ code: "tuf.unreachable" });
    repository.answers.clear();
    const report = await transfer(transfersOf(NEW));
    await expectWritten(NEW);
    expect(report.keptBytes).toBeGreaterThan(1_000_000);
  });

  it("takes whole files from a server without ranges", async () => {
    const noRanges: Answer = (_request, response, file) => {
      response.writeHead(200, { "content-length": file.length });
      response.end(file);
      return "taken";
    };
    for (const name of IMAGE_NAMES)
      repository.answers.set(NEW.release.images[name].target, noRanges);
    const seen: Progress[] = [];
    await transfer(transfersOf(NEW), { onProgress: (progress) => seen.push(progress) });
    await expectWritten(NEW);
    // It is asked for ranges once only.
    expect(repository.asked.filter(({ range }) => range !== undefined)).toHaveLength(1);
  });

  it("takes no whole file that is not the signed one, though all it needed was right", async () => {
    for (const name of IMAGE_NAMES) await writeFile(ownPartition(name), OLD.images[name]);
    repository.answers.set(TARGET, (_request, response, file) => {
      const forged = Buffer.from(file);
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
      response.writeHead(200, { "content-length": file.length });
      response.end(forged);
      return "taken";
    });
    await expect(transfer(transfersOf(NEW, OLD))).rejects.toMatchObject({
      code: "tuf.wrong-content",
    });
  });

  it("ends at once when it is told to, and writes nothing afterwards", async () => {
    const controller = new AbortController();
    repository.answers.set(TARGET, (request, response, file) => {
      const [first = 0, end = 0] = rangeOf(request) ?? [];
      response.writeHead(206, {
        "content-length": end - first,
        "content-range": `bytes ${first}-${end - 1}/${file.length}`,
      });
      response.write(file.subarray(first, first + 500_000), () => {
        controller.abort(new Error("told to stop"));
      });
      return "taken";
    });
    await expect(transfer(transfersOf(NEW), { signal: controller.signal })).rejects.toThrow(
      "told to stop",
    );
    const then = await readFile(partition("root"));
    await delay(100);
    expect((await readFile(partition("root"))).equals(then)).toBe(true);
  });

  it("notices a disk that does not keep what it is given", async () => {
    const lying: OpenPartition = async (place, access) => {
      const inner = await openPartition(place, access);
      if (access === "write" || place.path !== partition("hash")) return inner;
      const read = async (position: number, into: Buffer): Promise<void> => {
        await inner.read(position, into);
        into[0] = (into[0] ?? 0) ^ 1;
      };
      return { ...inner, read };
    };
    await expect(transfer(transfersOf(NEW), { open: lying })).rejects.toMatchObject({
      code: "update-agent.read-back",
    });
  });

  it("waits for the disk before it reads back", async () => {
    const steps: string[] = [];
    const watched: OpenPartition = async (place, access) => {
      const inner = await openPartition(place, access);
      steps.push(`open ${access}`);
      const sync = async (): Promise<void> => {
        await inner.sync();
        steps.push("sync");
      };
      return { ...inner, sync };
    };
    await transfer(transfersOf(NEW), { open: watched });
    const writes = ["open write", "open write", "open write", "sync", "sync", "sync"];
    expect(steps).toEqual([...writes, "open read", "open read", "open read"]);
  });

  it("takes no more than it may each second", async () => {
    const startedAt = performance.now();
    const maxBytesPerSecond = 2 * 1024 * 1024;
    await transfer(transfersOf(NEW), { maxBytesPerSecond });
    const seconds = (performance.now() - startedAt) / 1000;
    expect(packedBytes(NEW) / seconds).toBeLessThan(maxBytesPerSecond * 1.5);
  });

  it("tells how far it is, at most twice a second", async () => {
    const seen: (Progress & { readonly atMs: number })[] = [];
    await transfer(transfersOf(NEW), {
      maxBytesPerSecond: 1024 * 1024,
      onProgress: (progress) => seen.push({ ...progress, atMs: performance.now() }),
    });
    expect(seen.length).toBeGreaterThan(1);
    for (const [index, { phase, doneBytes, totalBytes, atMs }] of seen.entries()) {
      expect(doneBytes).toBeLessThanOrEqual(totalBytes);
      const before = seen[index - 1];
      if (before === undefined) continue;
      expect(atMs - before.atMs).toBeGreaterThan(490);
      expect(before.phase !== phase || doneBytes >= before.doneBytes).toBe(true);
    }
    expect(seen.at(-1)?.fetchedBytes).toBeGreaterThan(0);
  });
});

describe("a server that is not to be trusted", { timeout: 60_000 }, () => {
  const chunks = indexOf(NEW, "root").chunks;
  const file = NEW.targets.get(TARGET) ?? Buffer.alloc(0);
  /** Not the first one: what comes before is right. */
  const victim = required(chunks[9]);

  function required(chunk: Chunk | undefined): Chunk {
    if (chunk === undefined) throw new Error("there is no such chunk");
    return chunk;
  }
  const chunkBytes = (chunk: Chunk): Buffer => {
    const offset = chunks
      .slice(0, chunks.indexOf(chunk))
      .reduce((sum, { size_bytes: size }) => sum + size, 0);
    return NEW.images.root.subarray(offset, offset + chunk.size_bytes);
  };
  /** The file with other bytes in the place of a frame, cut or filled to its length. */
  function withFrame(frame: Buffer): Answer {
    const forged = Buffer.from(file);
    const room = forged.subarray(victim.frame_offset, victim.frame_offset + victim.frame_bytes);
    room.fill(0);
    frame.copy(room);
    return (request, response) => {
      serve(request, response, forged);
      return "taken";
    };
  }
  const compress = (bytes: Buffer, level: number, more: Record<number, number> = {}): Buffer =>
    zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level, ...more } });

  it.each<[string, () => Answer, string]>([
    ["bytes that are no frame", () => withFrame(Buffer.from("no frame")), "bad-frame"],
    [
      "a frame that unpacks to a gigabyte",
      () => withFrame(compress(Buffer.alloc(2 ** 30), 3)),
      "bad-frame",
    ],
    [
      "a frame that asks for a window of 64 MiB",
      () => {
        const frame = compress(chunkBytes(victim), 19, { [constants.ZSTD_c_windowLog]: 26 });
        // Not a single segment: then the window is what the second byte of the header says (RFC 8878, 3.1.1.1).
        return withFrame(
          Buffer.concat([frame.subarray(0, 4), Buffer.of(0, 16 << 3), frame.subarray(9)]),
        );
      },
      "bad-frame",
    ],
    [
      "the right chunk, with something behind it",
      () => withFrame(Buffer.concat([compress(chunkBytes(victim), 19), Buffer.from("more")])),
      "bad-frame",
    ],
    [
      "a frame of fewer bytes",
      () => withFrame(compress(chunkBytes(victim).subarray(0, 100), 19)),
      "bad-frame",
    ],
    [
      "another chunk of the same size",
      () => {
        const bytes = Buffer.from(chunkBytes(victim));
        bytes[5] = (bytes[5] ?? 0) ^ 1;
        const frame = compress(bytes, 1, { [constants.ZSTD_c_checksumFlag]: 1 });
        expect(frame.length).toBe(victim.frame_bytes);
        return withFrame(frame);
      },
      "wrong-chunk",
    ],
    [
      "the file of another image",
      () => (request, response) => {
        const other = OLD.targets.get(OLD.release.images.root.target) ?? Buffer.alloc(0);
        serve(request, response, Buffer.concat([other, Buffer.alloc(file.length)]));
        return "taken";
      },
      "",
    ],
    [
      "another range than it says",
      () => (request, response) => {
        serve(request, response, Buffer.concat([file.subarray(7), Buffer.alloc(7)]));
        return "taken";
      },
      "",
    ],
  ])("is refused when it hands out %s", async (_what, answer, code) => {
    repository.answers.set(TARGET, answer());
    const rssBefore = process.memoryUsage.rss();
    await expect(transfer(transfersOf(NEW))).rejects.toMatchObject({
      code: expect.stringMatching(code === "" ? /^update-agent\./ : `update-agent.${code}`),
    });
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(512 * 1024 * 1024);
    // Nothing of it was written: each chunk is right or as it was.
    let offset = 0;
    const bytes = await written("root");
    for (const { size_bytes: size } of chunks) {
      const chunk = bytes.subarray(offset, offset + size);
      const isRight = chunk.equals(NEW.images.root.subarray(offset, offset + size));
      expect(isRight || chunk.equals(Buffer.alloc(size))).toBe(true);
      offset += size;
    }
    repository.answers.clear();
    await transfer(transfersOf(NEW));
    await expectWritten(NEW);
  });

  it.each<[string, Answer, string]>([
    [
      "drips",
      (_request, response) => {
        response.writeHead(206, { "content-range": rangeOfAll(_request, file) });
        const drip = setInterval(() => response.write("x"), 50);
        response.on("close", () => {
          clearInterval(drip);
        });
        return "taken";
      },
      "tuf.slow",
    ],
    [
      "does not end",
      (request, response) => {
        response.writeHead(206, { "content-range": rangeOfAll(request, file) });
        endless(response, file);
        return "taken";
      },
      "tuf.too-long",
    ],
    [
      "does not end, without ranges",
      (_request, response) => {
        response.writeHead(200);
        endless(response, file);
        return "taken";
      },
      "tuf.too-long",
    ],
    [
      "ends too early and says that this is all",
      (request, response) => {
        const [first = 0, end = 0] = rangeOf(request) ?? [];
        response.writeHead(206, { "content-range": rangeOfAll(request, file) });
        response.end(file.subarray(first, end - 1000));
        return "taken";
      },
      "tuf.bad-answer",
    ],
    [
      "names another range",
      (_request, response) => {
        response.writeHead(206, { "content-range": `bytes 0-9/${file.length}` });
        response.end(file.subarray(0, 10));
        return "taken";
      },
      "tuf.bad-answer",
    ],
  ])("is left when it %s", async (_what, answer, code) => {
    repository.answers.set(TARGET, answer);
    await expect(transfer(transfersOf(NEW))).rejects.toMatchObject({ code });
  });
});

function rangeOfAll(request: Parameters<Answer>[0], file: Buffer): string {
  const [first = 0, end = 0] = rangeOf(request) ?? [];
  return `bytes ${first}-${end - 1}/${file.length}`;
}

function endless(response: Parameters<Answer>[1], file: Buffer): void {
  let isFirst = true;
  const more = (): void => {
    if (response.destroyed) return;
    response.write(isFirst ? file : Buffer.alloc(65_536), () => setImmediate(more));
    isFirst = false;
  };
  more();
}
