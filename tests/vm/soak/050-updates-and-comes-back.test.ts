import {
  bootsLimitMs,
  changeSettings,
  fetchSlots,
  fetchUpdates,
  inLab,
  PANIC_REPORT,
  runApiclient,
  UpdateRepository,
  updateSettings,
  UPDATES_CARD,
  waitMarked,
  type Guest,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const PANIC = "Requested init /nonexistent failed";

async function client(guest: Guest, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runApiclient(guest, ["update", ...args]);
  expect({ args, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

async function expectRuns(guest: Guest, version: string, slot: string, motd: string) {
  expect(await guest.api.get("/os")).toMatchObject({ version_id: version, slot });
  expect(await guest.api.get("/settings")).toMatchObject({ motd, network: { hostname: "kept" } });
  expect(await fetchUpdates(guest)).toMatchObject({
    active_partition: { image: { version }, next_to_boot: true },
  });
}

/** From two releases to a bad third one: slot B holds 0.1.0 at first, slot A 0.2.0 later, then B the bad one. */
test(
  "050 an update is taken and left again with its settings, and a bad one gives way and is not offered again",
  { timeout: bootsLimitMs(7) },
  inLab(async (lab) => {
    await using repository = await UpdateRepository.start(lab.directory);
    const added = [repository.trust];
    const { disk, parts } = await lab.makeDiskWithB({ version: "0.1.0", added, isProven: true });
    await repository.add(parts);
    await repository.add(await lab.makeRelease({ version: "0.2.0", added }));
    const guest = await lab.boot({
      disk,
      cards: [UPDATES_CARD],
      allowed: [
        { pattern: /Kernel panic - not syncing: Requested init/, reason: "0.3.0 is to panic." },
        PANIC_REPORT,
      ],
    });
    await guest.healthy();
    await changeSettings(guest, {
      motd: "of 0.1.0",
      network: { hostname: "kept" },
      updates: updateSettings(repository),
    });

    await client(guest, "check");
    expect(await fetchUpdates(guest)).toMatchObject({
      update_state: "Available",
      available_updates: ["0.2.0"],
      chosen_update: { version: "0.2.0" },
    });
    expect(JSON.parse(await client(guest, "plan", "--json"))).toMatchObject({
      version: "0.2.0",
      current: "0.1.0",
      downgrade: false,
      obstacles: [],
    });
    const before = repository.servedBytes;
    const applied = await runApiclient(guest, ["update", "apply"]);
    expect(`${applied.exitCode} ${applied.stderr}`).toMatch(/^0 [^]*Reading back: /);
    // Of 131 MiB, only what is not in the running slot.
    expect(repository.servedBytes - before).toBeLessThan(4 << 20);
    expect(await fetchUpdates(guest)).toMatchObject({
      update_state: "Ready",
      active_partition: { image: { version: "0.1.0" }, next_to_boot: false },
      staging_partition: { image: { version: "0.2.0" }, next_to_boot: true },
      most_recent_command: { cmd_type: "activate", cmd_status: "Success" },
    });
    await guest.reboot();
    await expectRuns(guest, "0.2.0", "A", "of 0.1.0");
    await waitMarked(guest.api, "A");
    await changeSettings(guest, { motd: "of 0.2.0" });

    // Back, and what an operator left is not taken again.
    await guest.reboot("/actions/rollback?reboot=true");
    await expectRuns(guest, "0.1.0", "B", "of 0.2.0");
    await client(guest, "check");
    expect(await fetchUpdates(guest)).toMatchObject({
      update_state: "Idle",
      available_updates: [],
      chosen_update: null,
      failed: [{ version: "0.2.0" }],
    });

    // Forward without an update: it is still there.
    await guest.reboot("/actions/rollback?reboot=true");
    await expectRuns(guest, "0.2.0", "A", "of 0.2.0");

    const parameters = ["init=/nonexistent", "panic=1"];
    const three = await lab.makeRelease({ version: "0.3.0", added, parameters });
    await repository.add(three);
    await guest.rebootBy(() => client(guest, "apply", "--reboot"));
    await expectRuns(guest, "0.2.0", "A", "of 0.2.0");
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      slots: { B: { state: "failed", root_hash: three.rootHash } },
      last_failure: { slot: "B", reason: expect.stringContaining(PANIC) },
    });
    await client(guest, "check");
    expect(await fetchUpdates(guest)).toMatchObject({
      update_state: "Idle",
      available_updates: [],
      chosen_update: null,
      failed: expect.arrayContaining([
        expect.objectContaining({ version: "0.3.0", root_hash: three.rootHash }),
      ]),
      releases: expect.arrayContaining([{ version: "0.3.0", obstacle: { kind: "failed-here" } }]),
    });

    // The maintainer takes 0.2.0 back, too. 0.1.0 was left by an operator; nothing takes it by itself.
    await repository.add(await lab.makeRelease({ version: "0.1.1", added }));
    await repository.publisher("set-max-version", repository.folder, "0.1.1");
    await client(guest, "check");
    expect(await fetchUpdates(guest)).toMatchObject({
      pull_back: true,
      chosen_update: { version: "0.1.1" },
    });
  }),
);
