import { bootsLimitMs, fetchSlots, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

/** The kernel runs and could go on for ever; only the watchdog, which PID 1 no longer serves, knows. */
test(
  "012 a slot whose PID 1 hangs is reset by the watchdog and gives way",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({
      hasFaults: true,
      parameters: ["ballast.fault=hang", "systemd.watchdog_sec=20"],
      tries: 1,
    });
    const guest = await lab.boot({ disk });
    await guest.healthy();
    await guest.machine.console.waitFor(/fault-hang\.service/, { timeoutMs: 1_000 });
    const events = guest.machine.qmp.events.items.map(({ event }) => event);
    expect(events).toContain("WATCHDOG");
    expect(events.filter((event) => event === "RESET")).toHaveLength(1);
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      next: "A",
      slots: { B: { qualifies: false } },
      last_failure: { slot: "B", root_hash: parts.rootHash },
    });
  }),
);
