import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { REPOSITORY, runTool } from "@ballast/vm";
import type { Files } from "@ballast/tuf/fixture";
import { judge, type Step } from "./both-clients.ts";

/** What publisher makes in the life of a repository, each step by a process of its own. */
const PUBLISHER = join(REPOSITORY, "apps/publisher/src/main.ts");
let work: string;
const at = (...names: string[]) => join(work, ...names);
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "published-"));
  await writeFile(at("passphrase"), "a passphrase of the tests");
  await buildImage("1.0.0");
  await buildImage("1.1.0");
});
afterAll(async () => {
  await rm(work, { recursive: true });
});

async function buildImage(version: string): Promise<void> {
  await mkdir(at(version));
  const files = [];
  for (const name of ["uki.efi", "root.img", "hash.img"]) {
    const bytes = Buffer.from(`${name} of ${version}`.padEnd(20_000, "."));
    await writeFile(at(version, name), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    files.push({ name, sha256, sizeBytes: bytes.length });
  }
  const image = { version, variant: "standalone", arch: "x86_64", leastSelector: 2, files };
  const rootHash = createHash("sha256").update(version).digest("hex");
  await writeFile(at(version, "manifest.json"), JSON.stringify({ ...image, rootHash }));
}

async function publisher(command: string, ...operands: string[]): Promise<void> {
  const signing = ["--keys", at("keys"), "--passphrase-file", at("passphrase")];
  await runTool(process.execPath, [PUBLISHER, command, at("repo"), ...operands, ...signing]);
}

/** What a server has now, and what a client reads of it. */
async function now(): Promise<Step> {
  const server: Files = new Map();
  for (const folder of ["metadata", "targets"])
    for (const name of await readdir(at("repo", folder)))
      server.set(`/${folder}/${name}`, await readFile(at("repo", folder, name)));
  return { server, now: Temporal.Now.instant().toString(), read: "manifest.json" };
}

function withoutRoot({ server, ...rest }: Step, version: number): Step {
  const files = new Map(server);
  files.delete(`/metadata/${version}.root.json`);
  return { ...rest, server: files };
}

it("is trusted by both clients after each thing that a maintainer does, and by neither when it has expired", async () => {
  const steps: Step[] = [];
  const did = async (command: string, ...operands: string[]): Promise<void> => {
    await publisher(command, ...operands);
    steps.push(await now());
  };
  await did("init");
  await did("add", at("1.0.0"));
  await did("rotate-key", "timestamp");
  // A mirror that has the new metadata and not the new root yet.
  const last = await now();
  steps.push(withoutRoot(last, 2));
  await did("rotate-key", "root");
  await did("add", at("1.1.0"), "--waves", "urgent");
  await did("waves", "1.1.0", "--waves", "none");
  await did("rotate-key", "targets");
  await did("rotate-key", "snapshot");
  await did("renew-root");
  await did("set-max-version", "1.0.0");
  await did("refresh");
  const count = steps.length;
  const end = await now();
  steps.push({
    ...end,
    now: Temporal.Now.instant()
      .add({ hours: 24 * 8 })
      .toString(),
  });
  const trustedRoot = await readFile(at("repo/metadata/1.root.json"), "utf8");
  // One that follows all along, one that was off until the end, one that comes with the newest root.
  const newest = await readFile(at("repo/metadata/6.root.json"), "utf8");
  const verdicts = await judge(work, [
    { name: "all along", trustedRoot, steps },
    { name: "off", trustedRoot, steps: [end] },
    { name: "new", trustedRoot: newest, steps: [end] },
    { name: "not its root", trustedRoot: newest, steps: [steps[1] ?? end] },
  ]);
  const trusted = Array.from({ length: count }, () => "trusted");
  expect(verdicts.get("all along")).toEqual({
    ours: [...trusted, "tuf.expired"],
    oracle: [...trusted, "ExpiredMetadataError"],
  });
  expect(verdicts.get("off")).toEqual({ ours: ["trusted"], oracle: ["trusted"] });
  expect(verdicts.get("new")).toEqual({ ours: ["trusted"], oracle: ["trusted"] });
  // The keys of before the rotations have no say for whoever knows the newest root.
  expect(verdicts.get("not its root")).toEqual({
    ours: ["tuf.threshold"],
    oracle: ["UnsignedMetadataError"],
  });
});
