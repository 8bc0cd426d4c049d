import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromStore, storeKey } from "./store.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-store-"));
  vi.stubEnv("BALLAST_CACHE_DIR", join(folder, "cache"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const KEY = storeKey("step", { input: 1 });

async function build(directory: string): Promise<void> {
  await writeFile(join(directory, "out.bin"), "result");
}

async function refuse(): Promise<void> {
  throw new Error("was built again");
}

describe("fromStore()", () => {
  it("builds once and then takes from the store", async () => {
    const output = join(folder, "dist/out.bin");
    expect(await fromStore(KEY, [output], build)).toBe("built");
    await rm(output);
    expect(await fromStore(KEY, [output], refuse)).toBe("stored");
    expect(await readFile(output, "utf8")).toBe("result");
  });

  it("builds again when a stored file was changed", async () => {
    const output = join(folder, "dist/out.bin");
    await fromStore(KEY, [output], build);
    await writeFile(join(folder, "cache/store", KEY, "out.bin"), "tampered");
    expect(await fromStore(KEY, [output], build)).toBe("built");
    expect(await readFile(output, "utf8")).toBe("result");
  });

  it.each(["", "{", '{"files":[]}', '{"files":[{"name":"out.bin"}]}'])(
    "builds again when the entry says %j",
    async (text) => {
      const output = join(folder, "dist/out.bin");
      await fromStore(KEY, [output], build);
      await writeFile(join(folder, "cache/store", KEY, "entry.json"), text);
      expect(await fromStore(KEY, [output], build)).toBe("built");
    },
  );

  it("replaces what an interrupted removal left of an entry", async () => {
    const output = join(folder, "dist/out.bin");
    await fromStore(KEY, [output], build);
    await rm(join(folder, "cache/store", KEY, "entry.json"));
    expect(await fromStore(KEY, [output], build)).toBe("built");
    expect(await fromStore(KEY, [output], refuse)).toBe("stored");
  });

  it("leaves nothing behind when the build fails", async () => {
    await expect(fromStore(KEY, [join(folder, "dist/out.bin")], refuse)).rejects.toThrow(
      "was built again",
    );
    expect(await readdir(join(folder, "cache/store"))).toEqual([]);
  });

  it("lets two builds of one key run at the same time", async () => {
    const outputs = ["a", "b"].map((name) => join(folder, name, "out.bin"));
    await mkdir(join(folder, "cache"), { recursive: true });
    await Promise.all(outputs.map((output) => fromStore(KEY, [output], build)));
    expect(await Promise.all(outputs.map((output) => readFile(output, "utf8")))).toEqual([
      "result",
      "result",
    ]);
    expect(await readdir(join(folder, "cache/store"))).toEqual([KEY]);
  });
});

describe("storeKey()", () => {
  it("differs when any input differs", () => {
    const keys = [
      storeKey("step", { input: 1 }),
      storeKey("step", { input: 2 }),
      storeKey("other", { input: 1 }),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});
