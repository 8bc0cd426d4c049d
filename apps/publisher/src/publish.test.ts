import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workshop } from "./publisher.fixture.ts";

let shop: Workshop;
const at = (...names: string[]) => shop.at(...names);
const run = (...args: string[]) => shop.run(...args);
const init = () => shop.init();
const add = (image: string, ...more: string[]) => shop.add(image, ...more);
const validate = () => shop.validate();
const buildImage = (version: string) => shop.buildImage(version);

beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(async () => {
  await shop[Symbol.asyncDispose]();
});

/** Opening keys is dear on purpose. */
describe("publisher", { timeout: 60_000 }, () => {
  it("begins a repository, publishes releases, and a machine's client finds them right", async () => {
    expect(await init()).toContain("2 of 3 keys");
    expect(await add(await buildImage("1.0.0"), "--waves", "none")).toContain(
      "for all machines at once",
    );
    const report: unknown = JSON.parse(await add(await buildImage("1.1.0"), "--json"));
    expect(report).toMatchObject({
      release: "standalone-x86_64-1.1.0",
      published: true,
      waves: expect.arrayContaining([expect.objectContaining({ first_seed: 0 })]),
      deltas: [{ from: "1.0.0" }],
    });
    expect(await validate()).toContain("2 releases");
    expect(
      await run(
        "validate",
        `file://${at("repo")}`,
        "--root",
        at("repo/metadata/1.root.json"),
        "--json",
      ),
    ).toContain('"valid": true');
  });

  it("asks a machine of the release before for what changed only", async () => {
    await init();
    await add(await buildImage("1.0.0"));
    const report: { packed_bytes: number; deltas: { fetch_bytes: number }[] } = JSON.parse(
      await add(await buildImage("1.1.0"), "--json"),
    );
    // One block of 400 is another: two chunks of the largest size at most.
    expect(report.deltas[0]?.fetch_bytes).toBeLessThan(2 * 257 * 1024);
    expect(report.deltas[0]?.fetch_bytes).toBeGreaterThan(0);
  });

  it("changes nothing in a dry run, nor when it is refused", async () => {
    await init();
    const before = await readFile(at("repo/metadata/timestamp.json"), "utf8");
    expect(await add(await buildImage("1.0.0"), "--dry-run")).toContain("Would publish");
    const other = at("other");
    await writeFile(other, "another passphrase");
    await expect(
      run(
        "add",
        at("repo"),
        at("image-standalone-1.0.0"),
        "--keys",
        at("keys"),
        "--passphrase-file",
        other,
      ),
    ).rejects.toMatchObject({ code: "publisher.bad-key" });
    await writeFile(at("image-standalone-1.0.0/root.img"), "changed after the build");
    await expect(add(at("image-standalone-1.0.0"))).rejects.toMatchObject({
      code: "publisher.bad-image",
    });
    expect(await readFile(at("repo/metadata/timestamp.json"), "utf8")).toBe(before);
    expect((await readdir(at("repo/targets"))).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("never publishes a version twice, nor begins twice", async () => {
    await init();
    const image = await buildImage("1.0.0");
    await add(image);
    await expect(add(image)).rejects.toMatchObject({ code: "publisher.exists" });
    await expect(init()).rejects.toMatchObject({ code: "publisher.exists" });
    expect(await validate()).toContain("1 releases");
  });

  it("goes on after it was stopped in between", async () => {
    await init();
    const image = await buildImage("1.0.0");
    // All files are in place, nothing is signed: as if it had been killed there.
    await add(image, "--dry-run");
    await writeFile(at("repo/metadata/2.targets.json"), "half a file");
    await add(image);
    expect(await validate()).toContain("1 releases");
  });

  it("withdraws a release", async () => {
    await init();
    await add(await buildImage("1.0.0"));
    await add(await buildImage("1.1.0"));
    await run("set-max-version", at("repo"), "1.0.0", ...shop.signing);
    const [manifest = ""] = await manifests();
    expect(JSON.parse(manifest)).toMatchObject({
      releases: [{ max_version: "1.0.0" }, { max_version: "1.0.0" }],
    });
    await expect(run("set-max-version", at("repo"), "v1", ...shop.signing)).rejects.toThrow(
      '"v1" is none',
    );
  });

  it("signs again without the keys of root", async () => {
    await init();
    for (const name of await readdir(at("keys")))
      if (name.startsWith("root")) await rm(at("keys", name));
    await add(await buildImage("1.0.0"));
    expect(await run("refresh", at("repo"), ...shop.signing)).toContain("as version 3");
    expect(await validate()).toContain("1 releases");
  });

  it("notices what was changed in a published file", async () => {
    await init();
    await add(await buildImage("1.0.0"));
    const names = await readdir(at("repo/targets"));
    const root = names.find((name) => name.includes(".root-") && name.endsWith(".zst")) ?? "";
    const bytes = await readFile(at("repo/targets", root));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(at("repo/targets", root), bytes);
    await expect(validate()).rejects.toMatchObject({ code: "tuf.wrong-content" });
  });

  it("hands out a repository until it is interrupted", async () => {
    await init();
    await add(await buildImage("1.0.0"));
    const stop = new AbortController();
    const serving = shop.start(["serve", at("repo"), "--port", "0", "--json"], stop.signal);
    await expect.poll(() => shop.output).toContain("url");
    const { url }: { url: string } = JSON.parse(shop.output);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await run("validate", url, "--root", at("repo/metadata/1.root.json"))).toContain(
      "1 releases",
    );
    await expect(run("serve", at("repo"), "--port", new URL(url).port)).rejects.toMatchObject({
      code: "publisher.unavailable",
    });
    stop.abort();
    await serving;
    await expect(run("serve", at("keys"))).rejects.toMatchObject({
      code: "publisher.bad-repository",
    });
  });

  it("keeps its keys to itself", async () => {
    await init();
    for (const name of await readdir(at("keys"))) {
      const text = await readFile(at("keys", name), "utf8");
      expect(text).not.toContain("PRIVATE KEY");
    }
    await writeFile(at("passphrase"), "short");
    await expect(add(await buildImage("1.0.0"))).rejects.toMatchObject({
      code: "publisher.bad-key",
    });
  });

  it.each([
    [[], "no command given"],
    [["publish"], 'there is no command "publish"'],
    [["add", "repo"], '"add" needs IMAGE'],
    [["refresh", "repo"], "--keys is missing"],
    [["refresh", "repo", "more"], 'unexpected argument "more"'],
    [["validate", "repo"], "--root is missing"],
    [["validate", "repo", "--keys", "x"], '"validate" takes no --keys'],
    [
      ["init", "repo", "--keys", "k", "--passphrase-file", "p", "--root-threshold", "4"],
      "4 signatures",
    ],
    [["init", "repo", "--keys", "k", "--passphrase-file", "p", "--root-keys", "0"], "from 1 to 9"],
    [["serve", "repo", "--port", "70000"], "from 0 to 65535"],
    [["completion", "csh"], "bash, zsh, fish"],
    [["--nothing"], "Unknown option"],
  ])("refuses %j", async (args, reason) => {
    await expect(run(...args)).rejects.toThrow(reason);
  });

  it("tells what it can do", async () => {
    expect(await run("--help")).toContain("publisher init repository");
    expect(await run("add", "--help")).toContain("Usage: publisher add REPOSITORY IMAGE [options]");
    expect(await run("completion", "bash")).toContain('serve) words="--host --port --json --help"');
    expect(await run("completion", "zsh")).toContain("bashcompinit");
    expect(await run("completion", "fish")).toContain("__fish_seen_subcommand_from add");
    expect(await run("--version")).toMatch(/^publisher \d/);
  });
});

async function manifests(): Promise<string[]> {
  const names = (await readdir(at("repo/targets"))).filter((name) =>
    name.endsWith(".manifest.json"),
  );
  const texts = await Promise.all(names.map((name) => readFile(at("repo/targets", name), "utf8")));
  return texts.filter((text) => text.includes("1.1.0") && !text.includes('"max_version": "1.1.0"'));
}
