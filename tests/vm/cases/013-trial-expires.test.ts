import { bootsLimitMs, fetchSlots, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

/** The limit is the setting's: it must have been up to here by then, also on a busy host. */
const RUNTIME_CHECK = `[settings.boot]
trial-limit = 120
[settings.health.runtime]
unit = "containerd.service"
`;
const CLOSED_PORT = { health: { web: { tcp: "127.0.0.1:9" } } };

test(
  "013 a slot whose userspace never gets to the health gate is reset and gives way",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({
      trialLimitSeconds: 20,
      parameters: ["systemd.unit=basic.target"],
      tries: 1,
    });
    const guest = await lab.boot({ disk });
    await guest.healthy();
    expect(guest.machine.qmp.events.items.map(({ event }) => event)).not.toContain("WATCHDOG");
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      next: "A",
      slots: { B: { qualifies: false, state: "failed" } },
      last_failure: { slot: "B", root_hash: parts.rootHash },
    });
  }),
);

test(
  "013 a slot that never gets healthy gives way, and the API names what was missing",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({
      hasFaults: true,
      parameters: ["ballast.fault=containerd"],
      tries: 1,
    });
    // Of slot A the same check is met: it is the slot that fails, not the setting.
    const guest = await lab.boot({ disk, userData: RUNTIME_CHECK });
    await guest.healthy();
    const slots = await fetchSlots(guest.api);
    expect(slots).toMatchObject({
      active: "A",
      next: "A",
      slots: { B: { qualifies: false, state: "failed" } },
      last_failure: { slot: "B", root_hash: parts.rootHash },
    });
    expect(slots.last_failure?.unmet.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["containerd", "health.runtime"]),
    );
  }),
);

test(
  "013 a proven slot whose user check fails stays up and says so",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.resume({
      allowed: [{ pattern: /"name":"health\.web"/, reason: "This case asks a closed port." }],
    });
    await guest.api.call("PATCH", "/settings", CLOSED_PORT);
    await guest.api.call("POST", "/tx/commit_and_apply");
    await expect
      .poll(async () => (await guest.api.send({ path: "/health" })).text, {
        timeout: 60_000,
        interval: 1000,
      })
      .toMatch(/"status":"degraded".*"name":"health\.web","status":"failed"/);
    expect(await fetchSlots(guest.api)).toMatchObject({ active: "A", next: "A", trial: false });
    expect(guest.machine.qmp.events.items.filter(({ event }) => event === "RESET")).toEqual([]);
  }),
);
