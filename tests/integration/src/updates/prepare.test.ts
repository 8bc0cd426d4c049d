import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { serveFolder, type FolderServer } from "@ballast/tuf/repository";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blocks, buildImage, BLOCK_BYTES } from "./test-image.ts";
import { PrepareMachine, type Images } from "./prepare-machine.ts";

const PUBLISHER = join(import.meta.dirname, "../../../../apps/publisher/src/main.ts");
const ROOT_BLOCKS = 6144;

interface Built {
  readonly version: string;
  readonly rootHash: string;
  readonly images: Images;
}

let folder: string;
/** Built once; each test serves a copy that it may change. */
const built = new Map<string, Built>();
let server: FolderServer;
let machine: PrepareMachine;
let asked: { target: string; sizeBytes: number }[];
let repository: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "updates-"));
  await writeFile(join(folder, "passphrase"), "a passphrase of the tests\n");
  const old = blocks("root", ROOT_BLOCKS);
  await build("0.1.0", old);
  // One file of a root is another, and what lies behind moves.
  await build(
    "0.2.0",
    Buffer.concat([
      old.subarray(0, 3000 * BLOCK_BYTES),
      blocks("changed", 10),
      old.subarray(3005 * BLOCK_BYTES, (ROOT_BLOCKS - 5) * BLOCK_BYTES),
    ]),
  );
  await build("0.3.0", blocks("another root", ROOT_BLOCKS));
  await build("0.4.0", blocks("a large root", 9000));
  await publisher("init", join(folder, "published"));
  for (const version of ["0.1.0", "0.2.0"]) await publish(version, join(folder, "published"));
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  const test = await mkdtemp(join(folder, "test-"));
  repository = join(test, "repository");
  await cp(join(folder, "published"), repository, { recursive: true });
  asked = [];
  server = await serveFolder(repository, { onAnswer: (answered) => asked.push(answered) });
  machine = await PrepareMachine.make(join(test, "machine"), releaseOf("0.1.0"), {
    url: server.url,
    rootOfTrust: await readFile(join(repository, "metadata/1.root.json"), "utf8"),
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function build(version: string, root: Buffer): Promise<void> {
  const boot = blocks(`boot ${version}`, 100);
  const { rootHash, hash } = await buildImage(join(folder, version), { version, root, boot });
  built.set(version, { version, rootHash, images: { root, boot, hash } });
}

function releaseOf(version: string): Built {
  const release = built.get(version);
  if (release === undefined) throw new Error(`there is no ${version}`);
  return release;
}

async function publisher(command: string, ...args: string[]): Promise<void> {
  const signing = ["--keys", join(folder, "keys"), "--passphrase-file", join(folder, "passphrase")];
  await execa(process.execPath, [PUBLISHER, command, ...args, ...signing]);
}

async function publish(version: string, where = repository): Promise<void> {
  await publisher("add", where, join(folder, version), "--waves", "none");
}

const fetchedBytes = () =>
  asked
    .filter(({ target }) => target.endsWith(".zst"))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

async function expectStaged(version: string): Promise<void> {
  const { next, slots } = await machine.table();
  expect(next).toBe("A");
  expect(slots.B).toMatchObject({
    priority: 0,
    tries_left: 2,
    successful: false,
    root_hash: releaseOf(version).rootHash,
  });
  expect(await machine.holds(releaseOf(version).images)).toBe(true);
  expect(await machine.statusFile()).toMatchObject({
    update_state: "Staged",
    staging_partition: { image: { version }, next_to_boot: false },
    progress: null,
  });
}

/** Whatever happened: A boots, and B does not unless it is whole. */
async function expectSafe(version: string): Promise<void> {
  const { next, slots } = await machine.table();
  expect(next).toBe("A");
  const mayBoot = slots.B.priority > 0 || slots.B.tries_left > 0 || slots.B.successful;
  expect(!mayBoot || (await machine.holds(releaseOf(version).images))).toBe(true);
}

describe("update-agent prepare", { timeout: 120_000 }, () => {
  it("writes what was chosen, out of what runs as far as that has it", async () => {
    expect(await machine.run("check")).toMatchObject({ exitCode: 0 });
    const { exitCode, answer } = await machine.run("prepare");
    expect(exitCode).toBe(0);
    expect(answer).toMatchObject({
      update_state: "Staged",
      chosen_update: { version: "0.2.0" },
      most_recent_command: { cmd_type: "prepare", cmd_status: "Success", exit_status: 0 },
    });
    await expectStaged("0.2.0");
    const images = Object.values(releaseOf("0.2.0").images);
    const imageBytes = images.reduce((sum, { length }) => sum + length, 0);
    expect(fetchedBytes()).toBeLessThan(imageBytes / 10);
    // Again: all is there.
    const before = fetchedBytes();
    expect((await machine.run("prepare")).exitCode).toBe(0);
    await expectStaged("0.2.0");
    expect(fetchedBytes()).toBe(before);
  });

  it("writes the version that was chosen and shown, though a newer one came meanwhile", async () => {
    await machine.run("check");
    await publish("0.3.0");
    expect((await machine.run("prepare")).exitCode).toBe(0);
    await expectStaged("0.2.0");
  });

  it("refuses what was withdrawn meanwhile, before it touches the slot", async () => {
    await machine.run("check");
    const before = await machine.table();
    await publisher("set-max-version", repository, "0.1.0");
    const { exitCode, answer } = await machine.run("prepare");
    expect(exitCode).toBe(69);
    expect(answer).toMatchObject({ error: { code: "update-agent.no-such-update" } });
    expect(await machine.table()).toEqual(before);
    expect(fetchedBytes()).toBe(0);
  });

  it("refuses an image that is larger than its partition, before it touches the slot", async () => {
    const before = await machine.table();
    await publish("0.4.0");
    const { exitCode, answer } = await machine.run("prepare", { version: "0.4.0" });
    expect(exitCode).toBe(1);
    expect(answer).toMatchObject({ error: { code: "update-agent.no-space" } });
    expect(await machine.table()).toEqual(before);
  });

  it("prepares nothing that nobody chose", async () => {
    const { exitCode, answer } = await machine.run("prepare");
    expect(exitCode).toBe(65);
    expect(answer).toMatchObject({ error: { code: "update-agent.not-allowed" } });
  });

  it("leaves the slot out of use when what it fetches is forged, and says what to do", async () => {
    await machine.run("check");
    const names = await execa("ls", [join(repository, "targets")]);
    const root = names.stdout.split("\n").find((name) => /root-.*0\.2\.0\.zst$/.test(name)) ?? "";
    const bytes = await readFile(join(repository, "targets", root));
    await writeFile(join(repository, "targets", root), bytes.fill(7, 1000));
    const { exitCode, answer } = await machine.run("prepare");
    expect(exitCode).toBe(1);
    expect(answer).toMatchObject({
      error: {
        code: "update-agent.incomplete",
        hint: expect.stringContaining("Prepare again"),
      },
    });
    const { next, slots } = await machine.table();
    expect(next).toBe("A");
    expect(slots.B).toMatchObject({ priority: 0, tries_left: 0, successful: false });
    expect(await machine.statusFile()).toMatchObject({
      most_recent_command: { cmd_status: "Failed", exit_status: 1 },
      progress: null,
    });
  });

  it("does one thing at a time", async () => {
    await publish("0.3.0");
    await machine.configure({ max_bytes_per_second: 512 * 1024 });
    const first = await machine.start("prepare", { version: "0.3.0" });
    await untilWriting();
    const { exitCode, answer } = await machine.run("prepare", { version: "0.2.0" });
    expect(exitCode).toBe(75);
    expect(answer).toMatchObject({ error: { code: "update-agent.busy" } });
    first.kill("SIGTERM");
    await first.ended;
  });

  it("ends cleanly when it is told to, and goes on when it is asked again", async () => {
    await publish("0.3.0");
    await machine.configure({ max_bytes_per_second: 2 * 1024 * 1024 });
    const run = await machine.start("prepare", { version: "0.3.0" });
    await untilWriting();
    await delay(2000);
    run.kill("SIGTERM");
    await run.ended;
    await expectSafe("0.3.0");
    expect(await machine.statusFile()).toMatchObject({
      most_recent_command: { cmd_type: "prepare", cmd_status: "Stopped" },
      progress: null,
    });
    const before = fetchedBytes();
    await machine.configure({ max_bytes_per_second: null });
    expect((await machine.run("prepare", { version: "0.3.0" })).exitCode).toBe(0);
    await expectStaged("0.3.0");
    // What was written stays: less than all comes again.
    const { images } = releaseOf("0.3.0");
    expect(fetchedBytes() - before).toBeLessThan(0.45 * images.root.length);
  });

  it("may be killed at any time", async () => {
    await publish("0.3.0");
    await machine.configure({ max_bytes_per_second: 12 * 1024 * 1024 });
    for (const afterMs of [50, 400, 700, 1000]) {
      const run = await machine.start("prepare", { version: "0.3.0" });
      await delay(afterMs);
      run.kill("SIGKILL");
      expect((await run.ended).signal).toBe("SIGKILL");
      await expectSafe("0.3.0");
    }
    expect((await machine.run("prepare", { version: "0.3.0" })).exitCode).toBe(0);
    await expectStaged("0.3.0");
  });
});

async function untilWriting(): Promise<void> {
  for (let left = 200; left > 0; left--) {
    const status = await machine.statusFile().catch(() => undefined);
    if (status?.progress?.phase === "write") return;
    await delay(50);
  }
  throw new Error("it does not begin to write");
}
