import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBundleStore } from "./bundle-store.ts";

function place(): string {
  const root = mkdtempSync(join(tmpdir(), "ballast-bundle-"));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  return join(root, "updates/bundle.tar");
}

async function* chunks(...parts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

describe("put()", () => {
  it("takes a bundle in place of the one before", async () => {
    const file = place();
    const store = createBundleStore(file);
    await store.put(chunks("old"), undefined);
    expect(await store.put(chunks("ne", "w!"), 4)).toEqual({
      size_bytes: 4,
      sha256: createHash("sha256").update("new!").digest("hex"),
    });
    expect(readFileSync(file, "utf8")).toBe("new!");
    expect(readdirSync(dirname(file))).toEqual(["bundle.tar"]);
  });

  it.each([
    ["a sender that goes", chunks("new", new Error("aborted")), undefined, "aborted"],
    ["one that is too long", chunks("12345", "6789"), undefined, "at most 8 bytes"],
    ["one that says so", chunks("123"), 9, "at most 8 bytes"],
    ["nothing", chunks(), undefined, "must not be empty"],
  ])("keeps the one before, and no part, of %s", async (_name, bytes, size, reason) => {
    const file = place();
    const store = createBundleStore(file, { maxBytes: 8 });
    await store.put(chunks("old"), undefined);
    await expect(store.put(bytes, size)).rejects.toThrow(reason);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(dirname(file))).toEqual(["bundle.tar"]);
    await store.put(chunks("next"), undefined);
  });

  it("takes one at a time", async () => {
    const store = createBundleStore(place());
    const [one, two] = await Promise.allSettled([
      store.put(chunks("a"), undefined),
      store.put(chunks("b"), undefined),
    ]);
    expect(one.status).toBe("fulfilled");
    expect(two).toMatchObject({ reason: { code: "apiserver.update-busy" } });
  });

  it("does not wait for a sender that has fallen silent", async () => {
    const store = createBundleStore(place(), { silenceMs: 20 });
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    await expect(store.put(never, undefined)).rejects.toMatchObject({
      code: "apiserver.upload-silent",
    });
    await store.put(chunks("next"), undefined);
  });

  it("says so when the disk is full, before or in the middle", async () => {
    const file = place();
    const store = createBundleStore(file, { maxBytes: Number.MAX_SAFE_INTEGER });
    const full = { code: "apiserver.disk-full", hint: expect.stringContaining("Remove") };
    await expect(store.put(chunks("x"), 2 ** 52)).rejects.toMatchObject(full);
    const error = Object.assign(new Error("write failed"), { code: "ENOSPC" });
    await expect(store.put(chunks("x", error), undefined)).rejects.toMatchObject(full);
    expect(readdirSync(dirname(file))).toEqual([]);
    await store.put(chunks("x"), 1);
  });
});

describe("cleanUp()", () => {
  it("takes away what a server that was killed has left", async () => {
    const file = place();
    const store = createBundleStore(file);
    await store.cleanUp();
    await store.put(chunks("whole"), undefined);
    writeFileSync(`${file}.part`, "half");
    await store.cleanUp();
    expect(readdirSync(dirname(file))).toEqual(["bundle.tar"]);
  });
});
