import { bootsLimitMs, fetchSlots, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

const TRIES = /slot A .*priority 1, tries (\d+) left/;

/** The operator does not wait for the mark: as soon as the API answers, the next reboot is asked for. */
test(
  "017 reboots of a good slot in quick succession use up none of its tries",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    for (let count = 0; count < 3; count += 1) {
      await guest.answering();
      await guest.requestReset("/actions/reboot");
    }
    await guest.healthy();
    const tries = guest.machine.console.lines.map(({ text }) => TRIES.exec(text)?.[1]);
    // Each boot took one of 7, and each clean shutdown gave it back.
    expect(tries.filter((text) => text !== undefined)).toEqual(["6", "6", "6"]);
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      next: "A",
      last_failure: null,
    });
  }),
);
