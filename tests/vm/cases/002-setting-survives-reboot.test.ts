import { bootsLimitMs, inLab, fetchJournal, type Guest } from "@ballast/testkit";
import { expect, test } from "vitest";

test(
  "002 a setting takes effect at once and survives a reboot",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    await guest.api.call("PATCH", "/settings", {
      motd: "Set by a test",
      network: { hostname: "changed-by-test" },
    });
    expect(await guest.api.call("POST", "/tx/commit_and_apply")).toMatchObject({
      changed: expect.arrayContaining(["settings.motd", "settings.network.hostname"]),
      services: expect.not.arrayContaining([expect.objectContaining({ status: "failed" })]),
    });
    await expectSettings(guest);
    const seconds = await guest.reboot();
    console.log(`Healthy ${seconds.toFixed(1)} s after the reset`);
    await expectSettings(guest);
    await guest.machine.console.waitFor(/Set by a test/, { timeoutMs: 1_000 });
  }),
);

/** The API says so, and the journal, which names the host in each line, shows that the kernel believes it. */
async function expectSettings(guest: Guest): Promise<void> {
  expect(await guest.api.get("/settings")).toMatchObject({
    motd: "Set by a test",
    network: { hostname: "changed-by-test" },
  });
  const journal = await fetchJournal(guest.api);
  expect(journal.at(-1)?.hostname).toBe("changed-by-test");
}
