import { bootsLimitMs, fetchSlots, inLab, PANIC_REPORT } from "@ballast/testkit";
import { expect, test } from "vitest";

const PANIC = "Requested init /nonexistent failed";

/** No program of ours takes part: the kernel restarts the machine, the selector counts. */
test(
  "011 a slot that panics uses up its tries and gives way, and the API shows its last words",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({
      parameters: ["init=/nonexistent", "panic=1"],
    });
    const guest = await lab.boot({
      disk,
      allowed: [
        { pattern: /Kernel panic - not syncing: Requested init/, reason: "This case wants it." },
        PANIC_REPORT,
      ],
    });
    await guest.healthy();
    expect(guest.machine.qmp.events.items.filter(({ event }) => event === "RESET")).toHaveLength(2);
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A", root_hash: lab.image.rootHash });
    const slots = await fetchSlots(guest.api);
    expect(slots).toMatchObject({
      active: "A",
      next: "A",
      trial: false,
      slots: { B: { qualifies: false, tries_left: 0, state: "failed" } },
      last_failure: {
        slot: "B",
        root_hash: parts.rootHash,
        reason: expect.stringContaining(PANIC),
      },
    });
    expect(slots.last_failure?.kernel_log).toContain(PANIC);
  }),
);
