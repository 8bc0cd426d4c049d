import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import {
  createApiClient,
  getInhibitors,
  putInhibitor,
  releaseInhibitor,
} from "@ballast/api-client";
import { UpdatesStatus } from "@ballast/model";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { Machine, NODE_FLAGS, startMachine, unitsJson } from "./machine.ts";

const BUNDLE = join(import.meta.dirname, "../../../apps/update-agent/dist/update-agent.cjs");
const WANTED = "run/ballast/etc/update-schedule/wanted";
const UPDATES = {
  "metadata-base-url": "https://updates.example.org/metadata",
  automatic: "reboot",
  "jitter-minutes": 0,
};

/** Stands for systemctl: logs, and has the units of the update agent leave what lies in `update-agent/`. */
const SYSTEMCTL = `#!/bin/sh
root=$(dirname "$0")/../..
echo "$*" >> "$root/systemctl.log"
case "$*" in
  list-units*) cat "$root/units.json" ;;
  "show "*) echo ActiveState=inactive ;;
  *" start "*update-agent@*)
    name=\${*##*update-agent@}; name=\${name%.service}
    mkdir -p "$root/run/ballast/updates/answers"
    cp "$root/update-agent/$name.json" "$root/run/ballast/updates/answers/$name.json" || exit 1
    cp "$root/update-agent/$name.status.json" "$root/run/ballast/updates/status.json" ;;
esac
exit 0
`;

function status(update_state: UpdatesStatus["update_state"], written: string | null): string {
  const image = (version: string) => ({ arch: "x86_64", variant: "test", version });
  const next_to_boot = update_state === "Ready";
  return JSON.stringify(
    UpdatesStatus.parse({
      update_state,
      available_updates: ["1.3.0"],
      chosen_update: image("1.3.0"),
      active_partition: { image: image("1.2.3"), next_to_boot: !next_to_boot },
      staging_partition: written === null ? null : { image: image(written), next_to_boot },
      most_recent_command: null,
      progress: null,
      releases: [{ version: "1.3.0", obstacle: null }],
      failed: [],
      checked_at: null,
      pull_back: false,
      inhibitors: [],
    }),
  );
}

/** A configured machine on which every command of the update agent succeeds. */
async function machineOfUpdates(updates: Readonly<Record<string, unknown>>): Promise<Machine> {
  expect(existsSync(BUNDLE)).toBe(true);
  const machine = new Machine({
    "run/ballast/slot-marked": "",
    "update-agent/check.json": "{}",
    "update-agent/check.status.json": status("Available", null),
    "update-agent/prepare.json": "{}",
    "update-agent/prepare.status.json": status("Staged", "1.3.0"),
    "update-agent/activate.json": "{}",
    "update-agent/activate.status.json": status("Ready", "1.3.0"),
  });
  machine.write("usr/bin/systemctl", SYSTEMCTL);
  chmodSync(join(machine.root, "usr/bin/systemctl"), 0o755);
  await machine.start();
  expect(await machine.configure()).toBe(0);
  expect(await machine.set({ updates })).toMatchObject({ status: 200 });
  return machine;
}

async function tick(machine: Machine): Promise<unknown> {
  const args = [...NODE_FLAGS, BUNDLE, "tick", "--json", "--root", machine.root];
  const { stdout, stderr, exitCode } = await execa(process.execPath, args, { reject: false });
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout);
}

/** What was asked of systemd of updates and power, in order. */
function calls(machine: Machine): string[] {
  return machine
    .read("systemctl.log")
    .split("\n")
    .flatMap((line) => /(?:start|restart) .*update-agent\S+|reboot$|poweroff$/.exec(line) ?? []);
}

describe("the schedule of updates", () => {
  it("runs where the settings want it, and nowhere else", async () => {
    await using machine = await machineOfUpdates(UPDATES);
    expect(machine.has(WANTED)).toBe(true);
    expect(calls(machine)).toEqual(["restart update-agent.timer"]);
    expect(await machine.set({ updates: { automatic: "off" } })).toMatchObject({ status: 200 });
    expect(machine.has(WANTED)).toBe(false);
    expect(calls(machine)).toHaveLength(2);
    expect(await tick(machine)).toEqual({ did: [], reason: "the schedule is off" });
    expect(calls(machine)).toHaveLength(2);
  });

  it("takes a release, step by step, and restarts once nobody objects", async () => {
    await using machine = await machineOfUpdates(UPDATES);
    const client = createApiClient({ socketPath: machine.socket });
    await putInhibitor(client, "backup", { why: "a backup runs", for_minutes: 30 });
    expect(await tick(machine)).toEqual({
      did: ["check", "prepare"],
      reason: "prepare is running",
    });
    const held = "the restart waits: backup objects: a backup runs";
    expect(await tick(machine)).toEqual({ did: ["activate"], reason: held });
    expect(await tick(machine)).toEqual({ did: [], reason: held });
    expect(await getInhibitors(client)).toMatchObject([{ who: "backup", why: "a backup runs" }]);
    await releaseInhibitor(client, "backup");
    expect(await tick(machine)).toEqual({ did: ["reboot"], reason: "the machine restarts" });
    expect(calls(machine)).toEqual([
      "restart update-agent.timer",
      "start update-agent@check.service",
      "start --no-block update-agent@prepare.service",
      "start update-agent@activate.service",
      "reboot",
    ]);
  });

  it.each([
    [
      "a commit that waits for its confirmation",
      "1.3.0 waits: a commit waits for its confirmation",
    ],
    [
      "a unit that failed",
      expect.stringMatching(/^1.3.0 waits: the machine is not healthy: units/),
    ],
    ["a server that does not answer", "1.3.0 waits: the API server does not answer"],
  ])("waits for %s", async (what, reason) => {
    await using machine = await machineOfUpdates(UPDATES);
    await tick(machine);
    if (what.includes("commit")) {
      await machine.call("PATCH", "/settings", { body: { motd: "x" } });
      await machine.call("POST", "/tx/commit_and_apply?try-seconds=60");
    }
    if (what.includes("unit")) {
      machine.write("units.json", unitsJson({ "x.service": "failed" }));
      await machine.until(async () => (await machine.call("GET", "/health")).status === 503);
    }
    if (what.includes("server")) await machine.stop();
    expect(await tick(machine)).toEqual({ did: [], reason });
  });
});

describe("an operator's restart", () => {
  it("is not held off; the log names who objected", async () => {
    await using machine = await machineOfUpdates({ seed: 1 });
    const client = createApiClient({ socketPath: machine.socket });
    await putInhibitor(client, "backup", { why: "a backup runs", for_minutes: 30 });
    expect((await machine.call("POST", "/actions/reboot")).status).toBe(204);
    expect(calls(machine)).toContain("reboot");
    await machine.until(() => /reboot.* objecting=backup/.test(machine.log));
  });

  it.each([
    [{ why: "x", for_minutes: 0 }, "a", "must be at least 1"],
    [{ why: "x", for_minutes: 10_081 }, "a", "must be at most 10080"],
    [{ why: "two\nlines", for_minutes: 5 }, "a", "must be one line"],
    [{ why: "", for_minutes: 5 }, "a", "must be one line"],
    [{ why: "x", for_minutes: 5 }, "../a", "must be 1 to 63 lower case letters"],
  ])("%j of %s is refused", async (request, name, reason) => {
    await using machine = await startMachine();
    const client = createApiClient({ socketPath: machine.socket });
    await expect(putInhibitor(client, name, request)).rejects.toThrow(reason);
    expect(machine.has("run/ballast/updates/inhibitors")).toBe(false);
  });
});
