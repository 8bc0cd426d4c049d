import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UpdatePlan } from "@ballast/model";
import { serveFolder, type Answered, type FolderServer } from "@ballast/tuf/repository";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { PublishedRepository, rootHashOf } from "./publish.ts";
import { agentConfig, UpdateMachine } from "./update-machine.ts";

const VERSIONS = ["1.0.0", "1.1.0", "1.2.0"];

let work: string;
let repository: PublishedRepository;
let server: FolderServer;
let asked: Answered[];
let config: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "ballast-repository-"));
  repository = await PublishedRepository.init(work);
  await repository.add("1.0.0", "--waves", "none");
  await repository.add("1.1.0", "--waves", "none");
  server = await serveFolder(repository.folder, { onAnswer: (answer) => asked.push(answer) });
  config = agentConfig({ metadata_url: new URL("metadata/", server.url).href });
}, 120_000);

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(work, { recursive: true, force: true });
});

async function install(version = "1.0.0", changes: { readonly config?: string } = {}) {
  const trust = await repository.rootOfTrust();
  const machine = await UpdateMachine.install(version, { trust, config, ...changes });
  onTestFinished(() => {
    machine[Symbol.dispose]();
  });
  return machine;
}

describe("the update agent", () => {
  it("finds, activates, cancels and runs a release, and knows where it is at each step", async () => {
    const machine = await install();
    expect(await machine.status("status")).toMatchObject({
      update_state: "Idle",
      active_partition: { image: { version: "1.0.0" }, next_to_boot: true },
      staging_partition: null,
      checked_at: null,
    });
    expect(await machine.status("check")).toMatchObject({
      update_state: "Available",
      available_updates: ["1.1.0"],
      chosen_update: { version: "1.1.0", variant: "standalone" },
      most_recent_command: { cmd_type: "refresh", cmd_status: "Success", exit_status: 0 },
      releases: [
        { version: "1.1.0", obstacle: null },
        { version: "1.0.0", obstacle: { kind: "current" } },
      ],
    });
    await machine.stage("1.1.0");
    // Nobody told the update agent: it sees the slot, and learns the name from the repository.
    expect(await machine.status("check")).toMatchObject({
      update_state: "Staged",
      staging_partition: { image: { version: "1.1.0" }, next_to_boot: false },
    });
    for (const command of ["activate", "cancel"]) machine.request(command, {});
    expect(await machine.status("activate")).toMatchObject({
      update_state: "Ready",
      active_partition: { next_to_boot: false },
      staging_partition: { image: { version: "1.1.0" }, next_to_boot: true },
    });
    // From now on the settings follow for that version.
    expect(JSON.parse(machine.read("var/lib/ballast/settings/last-run.json"))).toEqual({
      version: "1.0.0",
      other: "1.1.0",
    });
    expect(await machine.status("cancel")).toMatchObject({ update_state: "Staged" });
    // The API server knows by it that the run was its own.
    expect(readdirSync(join(machine.root, "run/ballast/updates/requests"))).toEqual([]);
    await machine.boot(VERSIONS);
    // A slot that was prepared stays so over a restart.
    expect(await machine.status("status")).toMatchObject({
      update_state: "Staged",
      active_partition: { image: { version: "1.0.0" } },
      staging_partition: { image: { version: "1.1.0" } },
      failed: [],
    });
    await machine.status("activate");
    expect(await machine.boot(VERSIONS)).toEqual({ slot: "B", version: "1.1.0" });
    await machine.signpost("mark-successful-boot");
    expect(await machine.status("status")).toMatchObject({
      update_state: "Idle",
      active_partition: { image: { version: "1.1.0" }, next_to_boot: true },
      staging_partition: { image: { version: "1.0.0" }, next_to_boot: false },
      failed: [],
    });
    expect(await machine.status("check")).toMatchObject({
      update_state: "Idle",
      chosen_update: null,
    });
  });

  it("activates no release that would be without settings", async () => {
    const machine = await install();
    await machine.stage("1.1.0");
    await machine.status("check");
    machine.write("usr/bin/migrator", "#!/bin/sh\necho no room >&2\nexit 1\n", 0o755);
    const { exitCode, json } = await machine.run("activate");
    expect([exitCode, json]).toMatchObject([
      1,
      {
        error: {
          code: "update-agent.settings",
          message: "Cannot prepare the settings for 1.1.0: no room",
        },
      },
    ]);
    expect(await machine.signpost("status")).toMatchObject({ next: "A" });
    expect(await machine.status("status")).toMatchObject({ update_state: "Staged", failed: [] });
  });

  it("does not offer again what failed its trial, until it is told to", async () => {
    const machine = await install();
    await machine.stage("1.1.0");
    await machine.status("check");
    await machine.status("activate");
    await machine.boot(VERSIONS);
    // Two boots that nobody called good, and the selector goes back.
    expect(await machine.boot(VERSIONS)).toMatchObject({ version: "1.1.0" });
    expect(await machine.boot(VERSIONS)).toMatchObject({ version: "1.0.0" });
    expect(await machine.status("status")).toMatchObject({
      update_state: "Idle",
      failed: [{ version: "1.1.0", root_hash: rootHashOf("1.1.0"), reason: expect.any(String) }],
    });
    expect(await machine.status("check")).toMatchObject({
      chosen_update: null,
      releases: [{ version: "1.1.0", obstacle: { kind: "failed-here" } }, {}],
    });
    machine.request("check", { force: true });
    expect(await machine.status("check")).toMatchObject({ chosen_update: { version: "1.1.0" } });
  });

  it("takes nothing by itself that an operator left", async () => {
    const machine = await install();
    await machine.stage("1.1.0");
    await machine.status("check");
    await machine.status("activate");
    await machine.boot(VERSIONS);
    await machine.signpost("mark-successful-boot");
    await machine.status("status");
    await machine.signpost("rollback-to-inactive");
    // Whoever did it: the other slot boots next, and that can be cancelled.
    expect(await machine.status("status")).toMatchObject({ update_state: "Ready" });
    expect(await machine.boot(VERSIONS)).toMatchObject({ version: "1.0.0" });
    expect(await machine.status("check")).toMatchObject({
      chosen_update: null,
      failed: [{ version: "1.1.0" }],
    });
  });

  it("plans without changing anything", async () => {
    const machine = await install();
    const { exitCode, json } = await machine.run("plan");
    expect([exitCode, json]).toEqual([
      0,
      expect.objectContaining({
        version: "1.1.0",
        current: "1.0.0",
        downgrade: false,
        services: ["all"],
        obstacles: [],
        space: expect.arrayContaining([
          { partition: "BALLAST-ROOT-B", needed_bytes: 819_200, available_bytes: 1_048_576 },
        ]),
      }),
    ]);
    // One block of each image is new: no more than its chunk, and never all.
    expect(json).toMatchObject({ images: { root: { size_bytes: 819_200 } } });
    const { bytes_to_fetch: fetched, bytes_from_this_machine: held } = UpdatePlan.parse(json);
    expect(fetched).toBeGreaterThan(0);
    expect(held).toBeGreaterThan(200_000);
    for (const left of ["run/ballast/updates", "var/lib/ballast/updates"])
      expect([left, machine.has(left)]).toEqual([left, false]);
  });
});
