import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runTool } from "../core/run-tool.ts";
import { checkSigner, keyFiles, keysDirectory, KEY_NAMES } from "./key-folder.ts";
import { makeKeys } from "./make-keys.ts";
import { updateKeys } from "./update-keys.ts";

let parent: string;
let keys: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "ballast-keys-"));
  keys = join(parent, "keys");
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "latin1")] as const),
    ),
  );
}

describe("makeKeys()", () => {
  it("makes three pairs that openssl accepts, the private halves for the owner only", async () => {
    expect(await makeKeys(keys)).toBe("made");
    expect((await stat(keys)).mode & 0o777).toBe(0o700);
    for (const name of KEY_NAMES) {
      const { key, certificate } = keyFiles(keys, name);
      expect((await stat(key)).mode & 0o777).toBe(0o600);
      const text = await runTool("openssl", ["x509", "-in", certificate, "-noout", "-text"]);
      expect(text).toContain("Public-Key: (2048 bit)");
      expect(text).toContain("Signature Algorithm: sha256WithRSAEncryption");
      expect(text).toMatch(new RegExp(`CN ?= ?Ballast ${name} `));
      await runTool("openssl", ["verify", "-check_ss_sig", "-CAfile", certificate, certificate]);
      expect(await runTool("openssl", ["x509", "-in", certificate, "-noout", "-pubkey"])).toBe(
        await runTool("openssl", ["pkey", "-in", key, "-pubout"]),
      );
      expect(await runTool("openssl", ["x509", "-in", certificate, "-outform", "PEM"])).toBe(
        await runTool("openssl", ["x509", "-in", join(keys, `${name}.cer`), "-outform", "PEM"]),
      );
    }
  });

  it("changes nothing of what is there", async () => {
    await makeKeys(keys);
    const before = await contents(keys);
    expect(await makeKeys(keys)).toBe("kept");
    expect(await contents(keys)).toEqual(before);
  });

  it("adds nothing to a part of a set: the rest is somewhere else", async () => {
    await mkdir(keys);
    await writeFile(join(keys, "db.pem"), "the release's");
    expect(await makeKeys(keys)).toBe("kept");
    expect(await contents(keys)).toEqual({ "db.pem": "the release's" });
    expect(await updateKeys(keys)).toEqual(
      KEY_NAMES.map((variable) => expect.objectContaining({ variable, update: undefined })),
    );
  });

  it("leaves a folder alone that holds something else", async () => {
    await mkdir(keys);
    await writeFile(join(keys, "thesis.txt"), "mine");
    await expect(makeKeys(keys)).rejects.toMatchObject({ code: "build.usage" });
    expect(await readdir(parent)).toEqual(["keys"]);
    expect(await contents(keys)).toEqual({ "thesis.txt": "mine" });
  });

  it("makes one set when two ask at once", async () => {
    const answers = await Promise.all([makeKeys(keys), makeKeys(keys)]);
    expect(answers.toSorted()).toEqual(["kept", "made"]);
    expect(await readdir(parent)).toEqual(["keys"]);
    const { key, certificate } = keyFiles(keys, "db");
    expect(await runTool("openssl", ["x509", "-in", certificate, "-noout", "-pubkey"])).toBe(
      await runTool("openssl", ["pkey", "-in", key, "-pubout"]),
    );
  });
});

describe("keysDirectory()", () => {
  it("signs with keys from elsewhere only if their certificate is named", () => {
    const both = { BALLAST_KEYS: "/secret/keys", BALLAST_SIGNER: "a1" };
    expect(() => {
      checkSigner("a1", both);
      checkSigner("a1", {});
      checkSigner("a1", { BALLAST_SIGNER: "a1" });
    }).not.toThrow();
    for (const env of [
      { BALLAST_KEYS: "/secret/keys" },
      { ...both, BALLAST_SIGNER: "b2" },
      { BALLAST_SIGNER: "b2" },
    ])
      expect(() => {
        checkSigner("a1", env);
      }).toThrow(
        expect.objectContaining({ code: "build.usage", hint: expect.stringContaining("a1") }),
      );
  });

  it("is a folder of the clone unless BALLAST_KEYS names another", () => {
    expect(keysDirectory({})).toMatch(/\/images\/keys$/);
    expect(keysDirectory({ BALLAST_KEYS: "/secret/keys" })).toBe("/secret/keys");
    expect(() => keysDirectory({ BALLAST_KEYS: "keys" })).toThrow("must be an absolute path");
  });
});
