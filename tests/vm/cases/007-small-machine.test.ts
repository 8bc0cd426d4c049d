import { bootsLimitMs, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

test(
  "007 512 MiB are enough, and the power button works",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.boot({ memoryMiB: 512 });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A" });
    await guest.powerDown();
    // QEMU ends with 0 only if the guest itself switched off.
    expect((await guest.machine.ended).message).toBe("The machine was switched off");
  }),
);
