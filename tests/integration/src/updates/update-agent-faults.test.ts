import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UpdatesStatus } from "@ballast/model";
import { serveFolder, type FolderServer } from "@ballast/tuf/repository";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { PublishedRepository, rootHashOf } from "./publish.ts";
import { agentConfig, UpdateMachine } from "./update-machine.ts";

const Refusal = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});
const UPDATES = "var/lib/ballast/updates";
const STATE = `${UPDATES}/state.json`;
const RESERVE = `${UPDATES}/reserve`;
const STATUS = "run/ballast/updates/status.json";

let work: string;
let repository: PublishedRepository;
let server: FolderServer;
let trust: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "ballast-repository-"));
  repository = await PublishedRepository.init(work);
  await repository.add("1.0.0", "--waves", "none");
  cpSync(repository.folder, join(work, "before"), { recursive: true });
  await repository.add("1.1.0", "--waves", "slow-roll");
  server = await serveFolder(repository.folder, {});
  trust = await repository.rootOfTrust();
}, 240_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(work, { recursive: true, force: true });
});

function configFor(url: URL): string {
  return agentConfig({ metadata_url: new URL("metadata", url).href, ignore_waves: true });
}

async function install(
  changes: { readonly config?: string | undefined; readonly trust?: string | undefined } = {},
): Promise<UpdateMachine> {
  const machine = await UpdateMachine.install("1.0.0", {
    config: configFor(server.url),
    trust,
    ...changes,
  });
  onTestFinished(() => {
    machine[Symbol.dispose]();
  });
  return machine;
}

/** A refusal of a run, and that the same is on standard error for people. */
async function refused(machine: UpdateMachine, command: string): Promise<[unknown, unknown]> {
  const { exitCode, json, stderr } = await machine.run(command);
  const { error } = Refusal.parse(json);
  expect(stderr).toContain(`[${error.code}]`);
  return [exitCode, error.code];
}

async function mountTmpfs(machine: UpdateMachine, path: string, size: string): Promise<string> {
  machine.write(`${path}/.made`, "");
  const folder = join(machine.root, path);
  await execa("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder]);
  onTestFinished(async () => {
    await execa("umount", [folder]);
  });
  return folder;
}

/** Takes all the space that there is. */
function fill(folder: string): string {
  const path = join(folder, "fill");
  for (const size of [1024 * 1024, 4096, 1])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Smaller pieces, until not a byte more fits.
    }
  return path;
}

/** Answers nothing: who asks waits. */
async function startSilentServer(): Promise<{ url: URL; asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => {
    asked.resolve();
  });
  silent.listen(0, "127.0.0.1");
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  await new Promise((resolve) => silent.once("listening", resolve));
  const address = silent.address();
  if (address === null || typeof address === "string") throw new TypeError("It has no port");
  return { url: new URL(`http://127.0.0.1:${address.port}/`), asked: asked.promise };
}

describe("the update agent, when things go wrong", { timeout: 120_000 }, () => {
  it.each([
    ["no settings", { config: undefined }, 78, "update-agent.not-configured"],
    [
      "settings without a repository",
      { config: agentConfig({}) },
      78,
      "update-agent.not-configured",
    ],
    ["settings that are none", { config: "{" }, 78, "update-agent.bad-config"],
    [
      "settings it does not know",
      { config: agentConfig({ more: 1 }) },
      78,
      "update-agent.bad-config",
    ],
    ["an image without a root of trust", { trust: undefined }, 69, "update-agent.no-root-of-trust"],
    ["a root of trust that is none", { trust: "{}" }, 1, "tuf.bad-metadata"],
  ])("says so of %s", async (_, changes, exitCode, code) => {
    const machine = await install(changes);
    expect(await refused(machine, "check")).toEqual([exitCode, code]);
    const status = UpdatesStatus.parse(JSON.parse(machine.read(STATUS)));
    expect(status).toMatchObject({
      ...{ update_state: "Idle", progress: null },
      most_recent_command: { cmd_status: "Failed", exit_status: exitCode },
    });
    expect(await machine.status("status")).toMatchObject({ update_state: "Idle" });
  });

  it("offers nothing while there is no network, and knows what failed", async () => {
    const machine = await install();
    expect(await machine.status("check")).toMatchObject({ update_state: "Available" });
    machine.write("run/ballast/etc/update-agent.json", configFor(new URL("http://127.0.0.1:1/")));
    expect(await refused(machine, "check")).toEqual([1, "tuf.unreachable"]);
    expect(await machine.status("status")).toMatchObject({
      ...{ update_state: "Idle", available_updates: [], chosen_update: null },
      checked_at: expect.any(String),
      most_recent_command: { cmd_status: "Failed", stderr: expect.stringContaining("127.0.0.1:1") },
    });
  });

  it("waits for the turn of its seed, unless told otherwise", async () => {
    const machine = await install();
    const later = { ...JSON.parse(configFor(server.url)), ignore_waves: false };
    machine.write("run/ballast/etc/update-agent.json", JSON.stringify(later));
    expect(await machine.status("check")).toMatchObject({
      update_state: "Idle",
      releases: [{ version: "1.1.0", obstacle: { kind: "wave" } }, {}],
    });
    machine.request("check", { ignore_waves: true });
    expect(await machine.status("check")).toMatchObject({ update_state: "Available" });
    // The wish was of one run.
    expect(await machine.status("check")).toMatchObject({ update_state: "Idle" });
  });

  it("takes no older state of the repository than it has seen, also over a restart", async () => {
    const machine = await install();
    await machine.status("check");
    await machine.boot(["1.0.0"]);
    await using old = await serveFolder(join(work, "before"), {});
    machine.write("run/ballast/etc/update-agent.json", configFor(old.url));
    expect(await refused(machine, "check")).toEqual([1, "tuf.rollback"]);
    // Nor does a plan, which keeps nothing, forget it.
    expect(await refused(machine, "plan")).toEqual([1, "tuf.rollback"]);
  });

  it("knows a clock that cannot be right", async () => {
    const machine = await install();
    const release = machine.read("usr/lib/os-release").replace("2026-01-01", "2099-01-01");
    machine.write("usr/lib/os-release", release);
    expect(await refused(machine, "check")).toEqual([1, "tuf.clock"]);
  });

  it.each([
    ["no JSON", "{"],
    ["what it does not know", '{"reboot":true}'],
    ["a version that is none", '{"version":"../1"}'],
    ["far too much", `{"version":"${"1".repeat(20_000)}"}`],
  ])("refuses a request that is %s, and forgets it", async (_, text) => {
    const machine = await install();
    machine.write("run/ballast/updates/requests/check.json", text);
    expect(await refused(machine, "check")).toEqual([65, "update-agent.bad-request"]);
    expect(await machine.status("check")).toMatchObject({ update_state: "Available" });
  });

  it.each([
    ["activate", "nothing was prepared"],
    ["cancel", "nothing boots next"],
  ])("refuses to %s when %s, and writes nothing", async (command) => {
    const machine = await install();
    const before = await machine.signpost("status");
    expect(await refused(machine, command)).toEqual([65, "update-agent.not-allowed"]);
    expect(await machine.signpost("status")).toEqual(before);
  });

  it("says that signpost cannot be asked, or refuses", async () => {
    const machine = await install();
    await machine.stage("1.1.0");
    await machine.status("check");
    const signpost = machine.read("usr/bin/signpost");
    const refusal = '{"error":{"code":"gpt.x","message":"Cannot do it","hint":null}}';
    machine.write(
      "usr/bin/signpost",
      signpost.replace("\n", `\n[ "$1" = status ] || { echo '${refusal}'; exit 1; }\n`),
      0o755,
    );
    const { exitCode, json } = await machine.run("activate");
    expect([exitCode, json]).toEqual([
      1,
      { error: { code: "update-agent.signpost", message: "Cannot do it", hint: null } },
    ]);
    expect(await machine.status("status")).toMatchObject({ update_state: "Staged" });
    rmSync(join(machine.root, "usr/bin/signpost"));
    expect((await machine.run("status")).json).toMatchObject({
      error: { code: "update-agent.no-slots" },
    });
  });

  it.each(["{", "[]", '{"schema":2}', "\0\0\0\0", ""])(
    "sets a damaged state aside and goes on: %j",
    async (text) => {
      const machine = await install();
      await machine.stage("1.1.0");
      machine.write(STATE, text);
      // The slot is known from the table; the name comes back with the next check.
      expect(await machine.status("status")).toMatchObject({
        update_state: "Staged",
        staging_partition: { image: { version: "unknown" } },
      });
      expect(machine.read(`${UPDATES}/state.damaged.json`)).toBe(text);
      expect(await refused(machine, "activate")).toEqual([65, "update-agent.not-allowed"]);
      await machine.status("check");
      expect(await machine.status("activate")).toMatchObject({
        update_state: "Ready",
        staging_partition: { image: { version: "1.1.0" } },
      });
    },
  );

  it("updates with a full STATE out of its reserve, and makes a new one when there is space", async () => {
    const machine = await install();
    const folder = await mountTmpfs(machine, "var/lib/ballast", "24m");
    await machine.status("status");
    expect(machine.read(RESERVE)).toHaveLength(8 * 1024 * 1024);
    const filled = fill(folder);
    const { exitCode, stderr } = await machine.run("check");
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining("the reserve of updates is used"),
    ]);
    expect(machine.has(RESERVE)).toBe(false);
    expect(existsSync(join(folder, "updates/tuf/timestamp.json"))).toBe(true);
    await machine.stage("1.1.0");
    expect(await machine.status("check")).toMatchObject({ update_state: "Staged" });
    expect(await machine.status("activate")).toMatchObject({ update_state: "Ready" });
    rmSync(filled);
    expect(await machine.status("status")).toMatchObject({ update_state: "Ready" });
    expect(machine.has(RESERVE)).toBe(true);
  });

  it("cancels with every file system full, and tells what it can", async () => {
    const machine = await install();
    await machine.stage("1.1.0");
    await machine.status("check");
    await machine.status("activate");
    const state = machine.read(STATE);
    fill(await mountTmpfs(machine, "var/lib/ballast", "1m"));
    const run = await mountTmpfs(machine, "run/ballast/updates", "64k");
    fill(run);
    const { exitCode, json } = await machine.run("cancel");
    expect([exitCode, UpdatesStatus.parse(json)]).toMatchObject([0, { update_state: "Staged" }]);
    expect((await machine.signpost("status")).next).toBe("A");
    expect(state).toContain(rootHashOf("1.1.0"));
    expect(readdirSync(run).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("activates nothing on a STATE that cannot be written, and still cancels", async () => {
    const machine = await install();
    const folder = await mountTmpfs(machine, "var/lib/ballast", "24m");
    await machine.stage("1.1.0");
    await machine.status("check");
    await execa("mount", ["-o", "remount,ro", folder]);
    const before = await machine.signpost("status");
    expect(await refused(machine, "check")).toEqual([1, "update-agent.state"]);
    expect(await refused(machine, "activate")).toEqual([1, "update-agent.state"]);
    expect(await machine.signpost("status")).toEqual(before);
    await machine.signpost("upgrade-to-inactive");
    expect(await machine.status("status")).toMatchObject({ update_state: "Ready" });
    expect(await machine.status("cancel")).toMatchObject({ update_state: "Staged" });
  });

  it("lets one at a time work, shows it, and stops it by a signal", async () => {
    const { url, asked } = await startSilentServer();
    const machine = await install({ config: configFor(url) });
    const running = machine.spawn("check");
    await asked;
    expect(await refused(machine, "check")).toEqual([75, "update-agent.busy"]);
    expect(await refused(machine, "cancel")).toEqual([75, "update-agent.busy"]);
    expect(await machine.status("status")).toMatchObject({
      progress: { command: "refresh", phase: "metadata" },
    });
    running.kill("SIGTERM");
    const { exitCode, stdout } = await running;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([143, { error: { code: "stopped" } }]);
    expect(await machine.status("status")).toMatchObject({
      progress: null,
      most_recent_command: { cmd_type: "refresh", cmd_status: "Stopped", exit_status: 143 },
    });
  });

  it("knows that one was killed, and goes on", async () => {
    const { url, asked } = await startSilentServer();
    const machine = await install({ config: configFor(url) });
    const running = machine.spawn("check");
    await asked;
    running.kill("SIGKILL");
    await running;
    // The lock of a process ends with it; give the kernel the moment.
    await delay(100);
    expect(await machine.status("status")).toMatchObject({
      progress: null,
      most_recent_command: { cmd_type: "refresh", cmd_status: "Stopped", exit_status: 137 },
    });
  });

  it("goes back by itself from what was withdrawn", async () => {
    const withdrawn = await PublishedRepository.init(mkdtempSync(join(work, "withdrawn-")));
    await withdrawn.add("1.0.0", "--waves", "none");
    await withdrawn.add("1.1.0", "--waves", "none");
    await withdrawn.setMaxVersion("1.0.0");
    await using other = await serveFolder(withdrawn.folder, {});
    const machine = await UpdateMachine.install("1.1.0", {
      trust: await withdrawn.rootOfTrust(),
      config: configFor(other.url),
    });
    onTestFinished(() => {
      machine[Symbol.dispose]();
    });
    expect(await machine.status("check")).toMatchObject({
      ...{ update_state: "Available", pull_back: true },
      chosen_update: { version: "1.0.0" },
    });
    expect((await machine.run("plan")).json).toMatchObject({ version: "1.0.0", downgrade: true });
    // And a repository of other keys is none of this machine's.
    machine.write("run/ballast/etc/update-agent.json", configFor(server.url));
    const { json } = await machine.run("check");
    expect(json).toMatchObject({ error: { code: expect.stringMatching(/^tuf\./) } });
  });
});
