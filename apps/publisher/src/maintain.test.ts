import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNodeExec } from "@ballast/system";
import { Workshop } from "./publisher.fixture.ts";

let shop: Workshop;
const at = (...names: string[]) => shop.at(...names);
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.init();
});
afterEach(async () => {
  await shop[Symbol.asyncDispose]();
});

const metadata = (name: string) => readFile(at("repo/metadata", name), "utf8");
const signersOf = (text: string): string[] => {
  const { signatures }: { signatures: { keyid: string }[] } = JSON.parse(text);
  return signatures.map(({ keyid }) => keyid);
};

describe("waves", { timeout: 60_000 }, () => {
  const waves = (...more: string[]) => shop.run("waves", at("repo"), ...more);

  it("shows them, and replaces those of one release", async () => {
    await shop.add(await shop.buildImage("1.0.0"), "--waves", "none");
    await shop.add(await shop.buildImage("1.1.0"));
    expect(await waves()).toMatch(/1\.0\.0: for all machines at once; now 100\.0 % of all/);
    const before: unknown = JSON.parse(await waves("1.1.0", "--json"));
    expect(before).toMatchObject({ releases: [{ ready_share: 0, waves: { length: 7 } }] });
    const start = ["--start-at", "2026-01-01T00:00:00Z", "--waves", "urgent"];
    expect(await waves("1.1.0", ...start, ...shop.signing, "--dry-run")).toContain("Would be");
    expect(JSON.parse(await waves("1.1.0", "--json"))).toEqual(before);
    await waves("standalone-x86_64-1.1.0", ...start, ...shop.signing);
    expect(JSON.parse(await waves("--json"))).toMatchObject({
      releases: [
        { release: "standalone-x86_64-1.0.0", waves: [] },
        { ready_share: 1, waves: { length: 5, 0: { starts_at: "2026-01-01T00:30:00.000Z" } } },
      ],
    });
    expect(await shop.validate()).toContain("2 releases");
  });

  it("refuses what it cannot do, and publishes nothing", async () => {
    expect(await waves()).toBe("There are no releases.\n");
    await shop.add(await shop.buildImage("1.0.0"));
    await shop.add(await shop.buildImage("1.1.0"));
    const before = await metadata("timestamp.json");
    await expect(waves("2.0.0")).rejects.toMatchObject({ code: "publisher.absent" });
    await expect(waves("--waves", "none", ...shop.signing)).rejects.toThrow("name the release");
    await expect(waves("1.0.0", "--waves", "none")).rejects.toThrow("--keys is missing");
    await expect(
      waves("1.0.0", "--waves", "none", "--start-at", "soon", ...shop.signing),
    ).rejects.toThrow("--start-at");
    await expect(waves("1.0.0", "--waves", "often", ...shop.signing)).rejects.toThrow("often");
    expect(await metadata("timestamp.json")).toBe(before);
  });
});

describe("set-max-version", { timeout: 60_000 }, () => {
  it("withdraws those of one variant, and tells when none is left", async () => {
    await shop.add(await shop.buildImage("1.0.0"));
    await shop.add(await shop.buildImage("1.1.0", "other"));
    const set = (version: string, ...more: string[]) =>
      shop.run("set-max-version", at("repo"), version, ...shop.signing, ...more);
    expect(JSON.parse(await set("1.0.0", "--variant", "other", "--dry-run", "--json"))).toEqual({
      ...{ max_version: "1.0.0", withdrawn: ["other-x86_64-1.1.0"], published: false },
    });
    expect(await set("1.0.0", "--variant", "other")).toContain("no release left");
    expect(await set("1.0.0")).not.toContain("no release left");
    await expect(set("1.0.0", "--variant", "none")).rejects.toMatchObject({
      code: "publisher.absent",
    });
    const report = await shop.run("bundle", at("repo"), at("b.tar"), "--dry-run", "--json");
    // What is withdrawn goes to nobody.
    expect(JSON.parse(report)).toMatchObject({ releases: ["standalone-x86_64-1.0.0"] });
  });
});

describe("add after a withdrawal", { timeout: 60_000 }, () => {
  it("does not offer again what was withdrawn, nor takes its version once more", async () => {
    await shop.add(await shop.buildImage("1.0.0"), "--waves", "none");
    const bad = await shop.buildImage("1.1.0");
    await shop.add(bad, "--waves", "none");
    await shop.add(await shop.buildImage("1.1.0", "other"), "--waves", "none");
    const set = ["--variant", "standalone", ...shop.signing];
    await shop.run("set-max-version", at("repo"), "1.0.0", ...set);
    await shop.add(await shop.buildImage("0.9.0"));
    expect(await shop.run("waves", at("repo"))).toContain("standalone-x86_64-1.1.0");
    await shop.add(await shop.buildImage("1.2.0"));
    const { releases }: { releases: { release: string }[] } = JSON.parse(
      await shop.run("waves", at("repo"), "--json"),
    );
    expect(releases.map(({ release }) => release)).toEqual([
      ...["standalone-x86_64-1.0.0", "other-x86_64-1.1.0"],
      ...["standalone-x86_64-0.9.0", "standalone-x86_64-1.2.0"],
    ]);
    await expect(shop.add(bad)).rejects.toMatchObject({ code: "publisher.exists" });
    expect(await shop.validate()).toContain("4 releases");
  });
});

describe("rotate-key", { timeout: 60_000 }, () => {
  const rotate = (role: string, ...more: string[]) =>
    shop.run("rotate-key", at("repo"), role, ...shop.signing, ...more);

  it.each(["targets", "snapshot", "timestamp"])(
    "gives %s another key, and clients of any root go on",
    async (role) => {
      await shop.add(await shop.buildImage("1.0.0"));
      const old = await metadata("timestamp.json");
      const report: { key_ids: string[]; key_files: string[] } = JSON.parse(
        await rotate(role, "--json"),
      );
      expect(report).toMatchObject({ root_version: 2, published: true, role });
      expect(report.key_files).toEqual([at("keys", `${role}-v2-1.key`)]);
      expect(await shop.validate()).toContain("1 releases");
      // One whose server still hides the new root.
      await rename(at("repo/metadata/2.root.json"), at("hidden"));
      expect(await shop.validate()).toContain("1 releases");
      await rename(at("hidden"), at("repo/metadata/2.root.json"));
      expect(await metadata("timestamp.json")).not.toBe(old);
      // From now on the new one signs alone, with the old one there or not.
      await shop.run("refresh", at("repo"), ...shop.signing);
      const name = { targets: "4.targets.json", snapshot: "4.snapshot.json" }[role];
      expect(signersOf(await metadata(name ?? "timestamp.json"))).toEqual(report.key_ids);
      await rm(at("keys", `${role}-1.key`));
      await shop.add(await shop.buildImage("1.1.0"));
      expect(await shop.validate()).toContain("2 releases");
    },
  );

  it("gives root other keys, with those of before on sticks", async () => {
    await mkdir(at("a"));
    await mkdir(at("b"));
    await rename(at("keys/root-1.key"), at("a/root-1.key"));
    await rename(at("keys/root-3.key"), at("b/root-3.key"));
    await rm(at("keys/root-2.key"));
    const sticks = ["--root-key", at("a/root-1.key"), "--root-key", at("b/root-3.key")];
    await expect(rotate("root")).rejects.toMatchObject({ code: "publisher.absent" });
    await expect(rotate("root", ...sticks.slice(0, 2))).rejects.toThrow("wants 2");
    await expect(rotate("root", ...sticks.slice(0, 2), ...sticks.slice(0, 2))).rejects.toThrow(
      "there are 1 of the keys",
    );
    expect(await rotate("root", ...sticks, "--dry-run")).toContain("would hold");
    expect((await readdir(at("keys"))).filter((name) => name.startsWith("root"))).toEqual([]);
    expect(await rotate("root", ...sticks)).toContain("Root version 2 is out");
    expect(signersOf(await metadata("2.root.json"))).toHaveLength(5);
    expect(await shop.validate()).toContain("0 releases");
    // The old ones have no say any more, the new ones have.
    await expect(rotate("root", ...sticks)).rejects.toThrow("that version 2 names");
    expect(await rotate("timestamp")).toContain("Root version 3 is out");
    await shop.run("refresh", at("repo"), ...shop.signing);
    expect(await shop.validate()).toContain("0 releases");
    expect((await readdir(at("repo/metadata"))).filter((name) => name.includes("root"))).toEqual([
      ...["1.root.json", "2.root.json", "3.root.json"],
    ]);
  });

  it("goes on after it was stopped before its root was out", async () => {
    const report: { key_ids: string[] } = JSON.parse(await rotate("timestamp", "--json"));
    await rm(at("repo/metadata/2.root.json"));
    expect(await shop.validate()).toContain("0 releases");
    // The key is that of before, and not one more.
    expect(JSON.parse(await rotate("timestamp", "--json"))).toMatchObject({
      key_ids: report.key_ids,
    });
    expect((await readdir(at("keys"))).filter((name) => name.startsWith("timestamp"))).toEqual([
      ...["timestamp-1.key", "timestamp-v2-1.key"],
    ]);
  });

  it("replaces a key that is lost, on a computer that has the metadata alone", async () => {
    await shop.add(await shop.buildImage("1.0.0"));
    await rm(at("keys/snapshot-1.key"));
    await expect(shop.run("refresh", at("repo"), ...shop.signing)).rejects.toMatchObject({
      code: "publisher.absent",
    });
    await mkdir(at("offline"));
    await cp(at("repo/metadata"), at("offline/metadata"), { recursive: true });
    await shop.run("rotate-key", at("offline"), "snapshot", ...shop.signing);
    await cp(at("offline/metadata"), at("repo/metadata"), { recursive: true });
    expect(await shop.validate()).toContain("1 releases");
    await shop.run("refresh", at("repo"), ...shop.signing);
    expect(await shop.validate()).toContain("1 releases");
  });

  it("signs nothing with keys that the root does not name", async () => {
    const other = await Workshop.open();
    await using _ = other;
    await other.init();
    const foreign = ["--keys", other.at("keys"), "--passphrase-file", at("passphrase")];
    await expect(shop.run("refresh", at("repo"), ...foreign)).rejects.toThrow(
      "has 0 of its keys, root version 1 wants 1",
    );
    await expect(shop.run("rotate-key", at("repo"), "targets", ...foreign)).rejects.toMatchObject({
      code: "publisher.bad-key",
    });
    await expect(rotate("everything")).rejects.toThrow("the role must be");
  });

  it("renews the root with the same keys", async () => {
    const renew = (...more: string[]) =>
      shop.run("renew-root", at("repo"), ...shop.signing, ...more);
    const text = await metadata("1.root.json");
    expect(await renew("--dry-run")).toContain("would hold");
    expect(JSON.parse(await renew("--json"))).toMatchObject({ root_version: 2, published: true });
    expect(JSON.parse(await metadata("2.root.json"))).toMatchObject({
      signed: { version: 2, keys: JSON.parse(text).signed.keys },
    });
    expect(await metadata("1.root.json")).toBe(text);
    expect(await shop.validate()).toContain("0 releases");
    await writeFile(at("other"), "another passphrase");
    await expect(renew("--root-passphrase-file", at("other"))).rejects.toMatchObject({
      code: "publisher.bad-key",
    });
  });
});

describe("bundle", { timeout: 60_000 }, () => {
  const bundle = (file: string, ...more: string[]) =>
    shop.run("bundle", at("repo"), at(file), ...more);

  async function publishWithArchives(): Promise<void> {
    await shop.add(await shop.buildImage("1.0.0"));
    const image = await shop.buildImage("1.1.0");
    await writeFile(at(image.slice(shop.folder.length), "sbom.cdx.json"), "{}");
    await createNodeExec().run({
      file: "/usr/bin/tar",
      args: ["-C", shop.folder, "-cf", at("admin.oci.tar"), "passphrase"],
    });
    expect(await shop.add(image, "--archive", at("admin.oci.tar"))).toContain(
      "with archive-standalone-x86_64-1.1.0.admin.oci.tar",
    );
  }

  it("holds all of a release, is valid, and the same whenever it is made", async () => {
    await publishWithArchives();
    await shop.run("renew-root", at("repo"), ...shop.signing);
    const report: { files: number } = JSON.parse(await bundle("a.tar", "--json"));
    // Two roots, three roles, the manifest, three images with their indexes, bill of materials, archive.
    expect(report).toMatchObject({ releases: ["standalone-x86_64-1.1.0"], files: 14 });
    expect(await shop.validate(at("a.tar"))).toContain("1 releases");
    await bundle("b.tar");
    expect((await readFile(at("a.tar"))).equals(await readFile(at("b.tar")))).toBe(true);
    await bundle("c.tar", "--release", "1.0.0", "--release", "1.1.0", "--release", "1.0.0");
    expect(await shop.validate(at("c.tar"))).toContain("2 releases");
  });

  it("is a repository when it is unpacked", async () => {
    await publishWithArchives();
    await bundle("a.tar", "--release", "1.0.0", "--release", "1.1.0");
    await mkdir(at("unpacked"));
    await createNodeExec().run({
      file: "/usr/bin/tar",
      args: ["-C", at("unpacked"), "-xf", at("a.tar")],
    });
    expect(await shop.validate(at("unpacked"))).toContain("2 releases");
  });

  it("is refused when it was changed or cut, or is not whole", async () => {
    await publishWithArchives();
    await bundle("a.tar");
    const bytes = await readFile(at("a.tar"));
    const sizeBytes = bytes.length;
    const place = bytes.lastIndexOf("archive-standalone") + 600;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(at("changed.tar"), bytes);
    await expect(shop.validate(at("changed.tar"))).rejects.toMatchObject({
      code: "tuf.wrong-content",
    });
    await truncate(at("a.tar"), sizeBytes - 100_000);
    await expect(shop.validate(at("a.tar"))).rejects.toMatchObject({ code: "tuf.bad-bundle" });
    const exec = createNodeExec();
    const tar = (...args: string[]) => exec.run({ file: "/usr/bin/tar", args });
    const names = (await readdir(at("repo/targets"))).map((name) => `targets/${name}`);
    const roles = (await readdir(at("repo/metadata"))).map((name) => `metadata/${name}`);
    const some = names.filter((name) => !name.includes(".hash-"));
    const options = ["--format=pax", "--pax-option=delete=?time", "-C", at("repo")];
    await tar(...options, "-cf", at("part.tar"), ...roles, ...some);
    await expect(shop.validate(at("part.tar"))).rejects.toThrow("holds a part of");
    const manifests = names.filter((name) => name.endsWith(".manifest.json"));
    await tar(...options, "-cf", at("none.tar"), ...roles, ...manifests);
    await expect(shop.validate(at("none.tar"))).rejects.toThrow("holds no release");
  });

  it("writes no bundle of what is not as it was signed, nor over a file, and leaves no draft", async () => {
    await publishWithArchives();
    const names = await readdir(at("repo/targets"));
    const archive = names.find((name) => name.includes(".archive-")) ?? "";
    const bytes = await readFile(at("repo/targets", archive));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(at("repo/targets", archive), bytes);
    await expect(bundle("a.tar")).rejects.toThrow(/Cannot write the bundle/);
    await writeFile(at("there.tar"), "mine");
    await expect(bundle("there.tar")).rejects.toMatchObject({ code: "publisher.exists" });
    await expect(bundle("no/such/folder.tar")).rejects.toMatchObject({ code: "publisher.write" });
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(shop.start(["bundle", at("repo"), at("a.tar")], stopped)).rejects.toThrow(
      "stopped",
    );
    expect((await readdir(shop.folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
    await expect(stat(at("a.tar"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("refuses what can be no archive, before it packs", async () => {
    const image = await shop.buildImage("1.0.0");
    const add = (...files: string[]) =>
      shop.add(image, ...files.flatMap((file) => ["--archive", file]));
    await expect(add(at("passphrase"))).rejects.toThrow("no tar archive");
    await expect(add(at("nothing.tar"))).rejects.toThrow("cannot be read");
    await expect(add(at("a b.tar"))).rejects.toThrow("no plain one");
    await createNodeExec().run({
      file: "/usr/bin/tar",
      args: ["-C", shop.folder, "-cf", at("x.tar"), "passphrase"],
    });
    await expect(add(at("x.tar"), at("x.tar"))).rejects.toThrow("another one has its name");
    // The manifest alone, in which there is no release.
    expect(await readdir(at("repo/targets"))).toHaveLength(1);
    await expect(bundle("a.tar")).rejects.toMatchObject({ code: "publisher.absent" });
  });

  it("passes over expiry when it is told to, and over nothing else", async () => {
    await shop.add(await shop.buildImage("1.0.0"));
    await bundle("a.tar");
    expect(await shop.validate(at("a.tar"), "--ignore-expiry")).toContain("1 releases");
    const bytes = await readFile(at("a.tar"), "latin1");
    await writeFile(at("a.tar"), bytes.replace('"version": 2', '"version": 3'), "latin1");
    await expect(shop.validate(at("a.tar"), "--ignore-expiry")).rejects.toMatchObject({
      code: expect.stringMatching(/^tuf\./),
    });
  });
});

describe("simulate", { timeout: 60_000 }, () => {
  const simulate = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse(await shop.run("simulate", ...args, "--json"));

  it("takes what machines fetch from the repository: all of a release, or what is new in it", async () => {
    await shop.add(await shop.buildImage("1.0.0"));
    await shop.add(await shop.buildImage("1.1.0"), "--waves", "accelerated");
    const whole = await simulate(at("repo"), "--machines", "1000");
    const part = await simulate(at("repo"), "--machines", "1000", "--from", "1.0.0");
    expect(Number(whole["update_bytes"])).toBeGreaterThan(400 * 4096);
    expect(Number(part["update_bytes"])).toBeLessThan(Number(whole["update_bytes"]) / 2);
    expect(part["hours"]).toHaveLength(33);
    expect(await simulate(at("repo"), "--of", "1.0.0", "--waves", "none")).toMatchObject({
      hours: { length: 1, 0: { updates: 10_000 } },
    });
  });

  it("needs no repository, and shows a table", async () => {
    const table = await shop.run("simulate", "--machines", "10000000", "--bytes", "3000000");
    expect(table).toContain("10000000 machines");
    expect(table).toMatch(/^ +169 +\d+ +10000000 +100\.0 /m);
    await expect(shop.run("simulate")).rejects.toThrow("--bytes");
    await expect(shop.run("simulate", at("repo"))).rejects.toMatchObject({
      code: "publisher.absent",
    });
    await expect(shop.run("simulate", "--machines", "0", "--bytes", "1")).rejects.toThrow("from 1");
  });
});
