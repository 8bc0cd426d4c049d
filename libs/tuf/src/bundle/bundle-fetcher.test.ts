import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeExec } from "@ballast/system";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchAll } from "../fetcher/fetcher.ts";
import { headersOf, writeBundle, type BundledFile } from "../repository/write-bundle.ts";
import { BundleFetcher } from "./bundle-fetcher.ts";
import { checksum } from "./tar-header.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const exec = createNodeExec();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundle-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const target = (name: string) => `targets/${"a".repeat(64)}.${name}`;
const FILES: Readonly<Record<string, Buffer>> = {
  "metadata/1.root.json": Buffer.from("root"),
  "metadata/timestamp.json": Buffer.alloc(0),
  // Exactly a block, and more than tar's own fields hold of a name.
  [target("manifest.json")]: randomBytes(512),
  [target(`root-${"x".repeat(150)}.zst`)]: randomBytes(700_001),
};

async function bundle(files = FILES): Promise<string> {
  const list: BundledFile[] = [];
  for (const [index, [name, bytes]] of Object.entries(files).entries()) {
    await writeFile(at(`file-${index}`), bytes);
    list.push({ name, path: at(`file-${index}`), sizeBytes: bytes.length });
  }
  await using to = await open(at("bundle.tar"), "w");
  await writeBundle(to, list, {
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return at("bundle.tar");
}

async function read(path: string, name: string): Promise<Buffer> {
  await using fetcher = await BundleFetcher.open(path);
  return await fetchAll(fetcher, new URL(`bundle:///${name}`), { maxBytes: 1_000_000 });
}

/** The reason why it is refused; "opened" if it is not. */
async function outcome(bytes: Buffer): Promise<string> {
  await writeFile(at("hostile.tar"), bytes);
  try {
    await using _ = await BundleFetcher.open(at("hostile.tar"));
    return "opened";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "tuf.bad-bundle")
      return error.message;
    throw error;
  }
}

/** A header that was changed, with a sum that fits. */
function changed(block: Buffer, change: (block: Buffer) => void): Buffer {
  const copy = Buffer.from(block);
  change(copy);
  copy.write(`${checksum(copy).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return copy;
}

const END = Buffer.alloc(1024);

describe("BundleFetcher", () => {
  it("reads each file of a bundle where it lies", async () => {
    const path = await bundle();
    for (const [name, bytes] of Object.entries(FILES))
      expect((await read(path, name)).equals(bytes)).toBe(true);
    await expect(read(path, "metadata/2.root.json")).rejects.toMatchObject({
      code: "tuf.not-found",
    });
    await expect(read(path, "metadata/%")).rejects.toMatchObject({ code: "tuf.not-found" });
  });

  it("is what tar reads and writes", async () => {
    const path = await bundle();
    await mkdir(at("unpacked"));
    const { exitCode, stderr } = await exec.run({
      file: "/usr/bin/tar",
      args: ["-C", at("unpacked"), "-xf", path],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const [name, bytes] of Object.entries(FILES))
      expect((await readFile(at("unpacked", name))).equals(bytes)).toBe(true);
    // Blocked and sorted its own way; names must fit, since it says more than a path otherwise.
    const names = ["metadata/timestamp.json", "metadata/1.root.json", target("manifest.json")];
    await exec.run({
      file: "/usr/bin/tar",
      args: ["--format=ustar", "-C", at("unpacked"), "-cf", at("other.tar"), ...names],
    });
    for (const name of names) expect(await read(at("other.tar"), name)).toEqual(FILES[name]);
  });

  it("is the same bytes whenever it is made", async () => {
    const sha256 = async () =>
      createHash("sha256")
        .update(await readFile(await bundle()))
        .digest("hex");
    const first = await sha256();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await sha256()).toBe(first);
  });

  it("refuses to make one of a file that changes meanwhile", async () => {
    await writeFile(at("file"), "four");
    await using to = await open(at("bundle.tar"), "w");
    const files = [{ name: "metadata/timestamp.json", path: at("file"), sizeBytes: 5 }];
    const options = { onProgress: () => undefined, signal: new AbortController().signal };
    await expect(writeBundle(to, files, options)).rejects.toThrow("not what was signed");
    const other = files.map((file) => ({ ...file, sizeBytes: 4, sha256: "0".repeat(64) }));
    await expect(writeBundle(to, other, options)).rejects.toThrow("not what was signed");
    expect(() => headersOf("metadata/timestamp.json", 8 ** 11)).toThrow("too long");
  });

  it("refuses one that was cut, wherever that was", async () => {
    const path = await bundle();
    const whole = (await stat(path)).size;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole - 1), async (length) => {
        await bundle();
        await truncate(path, length);
        await expect(BundleFetcher.open(path)).rejects.toMatchObject({ code: "tuf.bad-bundle" });
      }),
      { numRuns: 60, examples: [[0], [whole - 1], [whole - 512], [whole - 1024]] },
    );
  });

  it("survives any change of its headers", async () => {
    const whole = await readFile(await bundle());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [offset, byte] of changes) bytes[offset] = byte;
          expect(await outcome(bytes)).toMatch(/^opened$|^Cannot read the bundle: /);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    "etc/passwd",
    "/metadata/timestamp.json",
    "./metadata/timestamp.json",
    "metadata/../metadata/timestamp.json",
    "metadata/0.root.json",
    "metadata/01.root.json",
    "metadata/1.other.json",
    "metadata/root.json",
    "metadata/",
    "targets/manifest.json",
    target(".hidden"),
    target("a/b"),
    target("a b"),
    target("x".repeat(201)),
    `targets/${"A".repeat(64)}.x`,
    "",
  ])("refuses the name %j", async (name) => {
    expect(await outcome(Buffer.concat([headersOf(name, 0), END]))).toContain("no repository has");
  });

  const plain = headersOf("metadata/timestamp.json", 0);
  const long = headersOf(target("x".repeat(150)), 0);
  it.each<[string, Buffer, string]>([
    ["a file twice", Buffer.concat([plain, plain, END]), "twice"],
    ["a link", changed(plain, (block) => block.write("1", 156)), 'type "1"'],
    ["a symbolic link", changed(plain, (block) => block.write("2", 156)), 'type "2"'],
    ["a device", changed(plain, (block) => block.write("3", 156)), 'type "3"'],
    ["a folder", changed(plain, (block) => block.write("5", 156)), 'type "5"'],
    ["global records", changed(plain, (block) => block.write("g", 156)), 'type "g"'],
    ["a long name of GNU", changed(plain, (block) => block.write("L", 156)), 'type "L"'],
    ["a file of the old form", changed(plain, (block) => block.write("\0", 156)), "type"],
    ["a header of GNU", changed(plain, (block) => block.write("ustar  \0", 257)), "no POSIX tar"],
    ["a sum that does not fit", Buffer.from(plain).fill(0x37, 0, 3), "changed"],
    [
      "a size of base 256",
      changed(plain, (block) => block.writeUInt32BE(0x80000000, 124)),
      "no plain number",
    ],
    ["a negative size", changed(plain, (block) => block.write("-0000000001", 124)), "no plain"],
    ["no size", changed(plain, (block) => block.fill(0x20, 124, 136)), "no plain number"],
    [
      "a size beyond its end",
      changed(plain, (block) => block.write("77777777777\0", 124)),
      "cut off",
    ],
    ["records that belong to nothing", Buffer.concat([long.subarray(0, 1024), END]), "no file"],
    [
      "records twice",
      Buffer.concat([long.subarray(0, 1024), long.subarray(0, 1024), plain, END]),
      "no file",
    ],
    [
      "records that are not there",
      Buffer.concat([changed(plain, (block) => block.write("x", 156)), Buffer.from(plain), END]),
      "more than a path",
    ],
    [
      "one end block and then more",
      Buffer.concat([Buffer.alloc(512), plain, END]),
      "behind its end",
    ],
    ["no tar at all", Buffer.from("<html>".repeat(500)), "no POSIX tar"],
    [
      "too many files",
      Buffer.concat([
        ...Array.from({ length: 4097 }, (_, index) =>
          headersOf(`metadata/${index + 1}.root.json`, 0),
        ),
        END,
      ]),
      "more than 4096",
    ],
  ])("refuses %s", async (_what, bytes, reason) => {
    const padded = Buffer.concat([bytes, END]);
    expect(await outcome(padded)).toContain(reason);
  });

  it("takes the name of the records, and nothing else from them", async () => {
    const name = target("x".repeat(150));
    const of = (records: string) => {
      const data = Buffer.alloc(512);
      data.write(records);
      const size = records.length.toString(8).padStart(11, "0");
      const head = changed(plain, (block) => {
        block.write("x", 156);
        block.write(`${size}\0`, 124);
      });
      return Buffer.concat([head, data, plain, END]);
    };
    expect(await outcome(of(`${name.length + 10} path=${name}\n`))).toBe("opened");
    for (const records of [
      `${name.length + 11} path=${name}\n`,
      "30 mtime=1350244992.023960108\n",
      "12 size=999\n",
      `${name.length + 10} path=${name}\n12 size=999\n`,
      "8 path=\n",
      "path=x\n",
    ])
      expect(await outcome(of(records))).toContain("more than a path");
    expect(await outcome(of("19 path=etc/passwd\n"))).toContain("no repository has");
    expect(await outcome(of("20 path=/etc/passwd\n"))).toContain("no repository has");
  });

  it("notices that it became shorter meanwhile", async () => {
    const path = await bundle();
    await using fetcher = await BundleFetcher.open(path);
    await truncate(path, 2000);
    const url = new URL(`bundle:///${target(`root-${"x".repeat(150)}.zst`)}`);
    await expect(fetchAll(fetcher, url, { maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: "tuf.unreachable",
    });
  });

  it("says what is not there, or no file", async () => {
    await expect(BundleFetcher.open(at("nothing"))).rejects.toMatchObject({
      code: "tuf.not-found",
    });
    await expect(BundleFetcher.open(folder)).rejects.toMatchObject({ code: "tuf.not-found" });
    await exec.run({ file: "/usr/bin/mkfifo", args: [at("pipe")] });
    await expect(BundleFetcher.open(at("pipe"))).rejects.toMatchObject({ code: "tuf.not-found" });
  });
});
