import { chmodSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveFolder, type FolderServer } from "@ballast/tuf/repository";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Machine, NODE_FLAGS } from "../machine.ts";
import { PrepareMachine, type Images } from "./prepare-machine.ts";
import { blocks, buildImage, BLOCK_BYTES } from "./test-image.ts";

const PUBLISHER = join(import.meta.dirname, "../../../../apps/publisher/src/main.ts");
const ROOT_BLOCKS = 1024;
/** Programs are started one after the other, beside other tests. */
const LONG = { timeout: 120_000 };

interface Built {
  readonly version: string;
  readonly rootHash: string;
  readonly images: Images;
}

let folder: string;
let server: FolderServer;
const built: Built[] = [];
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "update-api-"));
  writeFileSync(join(folder, "passphrase"), "a passphrase of the tests\n");
  await publisher("init", join(folder, "repository"));
  const old = blocks("root", ROOT_BLOCKS);
  const changed = Buffer.concat([
    old.subarray(0, 500 * BLOCK_BYTES),
    blocks("changed", 10),
    old.subarray(510 * BLOCK_BYTES),
  ]);
  await release("0.1.0", old);
  await release("0.2.0", changed);
  server = await serveFolder(join(folder, "repository"), {
    onAnswer: ({ target }) => asked.push(target),
  });
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function release(version: string, root: Buffer): Promise<void> {
  const boot = blocks(`boot ${version}`, 50);
  const image = join(folder, version);
  const { rootHash, hash } = await buildImage(image, { version, root, boot });
  built.push({ version, rootHash, images: { root, boot, hash } });
  await publisher("add", join(folder, "repository"), image, "--waves", "none");
}

async function publisher(command: string, ...args: string[]): Promise<void> {
  const signing = ["--keys", join(folder, "keys"), "--passphrase-file", join(folder, "passphrase")];
  await execa(process.execPath, [PUBLISHER, command, ...args, ...signing]);
}

/** A machine that runs 0.1.0: API server, update agent, signpost, migrator and publisher are the real ones. */
async function start() {
  const root = await mkdtemp(join(folder, "machine-"));
  const [running] = built;
  if (running === undefined) throw new Error("nothing is built");
  const disk = await PrepareMachine.make(root, running, {
    url: server.url,
    rootOfTrust: await readFile(join(folder, "repository/metadata/1.root.json"), "utf8"),
  });
  const program = (bundle: string, more: string): string =>
    `#!/bin/sh\nexec ${[process.execPath, ...NODE_FLAGS, bundle].join(" ")} "$@" ${more}--root ${root}\n`;
  const programs = {
    "agent/program": program(inject("updateAgentBundle"), "--json "),
    "usr/bin/migrator": program(inject("migratorBundle"), ""),
  };
  const machine = new Machine(programs, root);
  for (const path of Object.keys(programs)) chmodSync(join(root, path), 0o755);
  await machine.start();
  asked.length = 0;
  return { machine, disk };
}

const fetched = () => asked.filter((target) => target.endsWith(".zst"));

describe("apiclient update, down to the disk", LONG, () => {
  it("looks, plans, applies, takes back and applies again without fetching anything", async () => {
    const { machine, disk } = await start();
    await using _ = machine;
    const update = (...args: string[]) => machine.client(["update", ...args]);
    expect((await update("status")).stdout).toContain("0.1.0 runs; no update is known");
    expect(await update("check")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("0.1.0 runs; 0.2.0 can be had: apiclient update apply"),
    });
    const planned = await update("plan");
    expect([planned.exitCode, planned.stdout]).toEqual([
      0,
      expect.stringMatching(/^0\.2\.0 instead of 0\.1\.0\n {2}to fetch .*\n {2}from here .* MiB/),
    ]);
    expect(fetched()).toEqual([]);

    const applied = await update("apply");
    expect([applied.exitCode, applied.stdout, applied.stderr]).toEqual([
      0,
      "0.2.0 is ready: it boots next, restart the machine with apiclient reboot",
      expect.any(String),
    ]);
    expect(fetched().length).toBeGreaterThan(0);
    expect((await disk.table()).next).toBe("B");
    expect(built[1] !== undefined && (await disk.holds(built[1].images))).toBe(true);
    expect((await machine.client(["reboot"])).stdout).toBe("The machine restarts into 0.2.0");

    asked.length = 0;
    expect((await update("cancel")).stdout).toContain("0.2.0 is in the other slot");
    expect((await disk.table()).next).toBe("A");
    expect((await update("apply", "--json")).stdout).toContain('"update_state":"Ready"');
    expect(fetched()).toEqual([]);
    expect((await disk.table()).next).toBe("B");
  });

  it("is joined by a second one, and stopped by cancel", async () => {
    const { machine, disk } = await start();
    await using _ = machine;
    await disk.configure({ max_bytes_per_second: 10_000 });
    const first = machine.client(["update", "apply"]);
    const isWriting = async (): Promise<boolean> =>
      (await machine.client(["update", "status"])).stdout.includes("Writing");
    await machine.until(isWriting);
    expect((await machine.call("POST", "/actions/prepare-update")).status).toBe(423);
    const second = machine.client(["update", "apply"]);
    await machine.until(() => isWriting());
    const cancelled = await machine.client(["update", "cancel"]);
    expect([cancelled.exitCode, cancelled.stdout]).toEqual([0, expect.any(String)]);
    for (const one of [await first, await second])
      expect([one.exitCode, one.stderr]).toEqual([1, expect.stringContaining("was stopped")]);
    const { next, slots } = await disk.table();
    expect([next, slots.B.tries_left, slots.B.priority]).toEqual(["A", 0, 0]);
    // What had come is not fetched again.
    await disk.configure({ max_bytes_per_second: null });
    expect((await machine.client(["update", "apply"])).exitCode).toBe(0);
  });

  it("takes a bundle without a network, and says what there is not", async () => {
    const { machine, disk } = await start();
    await using _ = machine;
    await disk.configure({ metadata_url: null });
    const none = await machine.client(["update", "check"]);
    expect([none.exitCode, none.stderr]).toEqual([
      75,
      expect.stringContaining("[update-agent.not-configured]"),
    ]);
    const bundle = join(folder, "bundle.tar");
    await execa(process.execPath, [
      ...[PUBLISHER, "bundle", join(folder, "repository"), bundle, "--release", "0.2.0"],
    ]);
    expect((await machine.client(["update", "apply", "--bundle", bundle])).exitCode).toBe(0);
    expect((await disk.table()).next).toBe("B");
    expect(asked).toEqual([]);
  });

  it("refuses a version that there is not", async () => {
    const { machine } = await start();
    await using _ = machine;
    const refused = await machine.client(["update", "apply", "--version", "9.9.9"]);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("9.9.9")]);
  });
});
