import { setTimeout as sleep } from "node:timers/promises";
import { bootsLimitMs, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

const SECRET = "s3cr3t-that-nobody-may-see";
const BAD = `[settings]
motd = "Never shown"
[settings.network]
hostname = "never-applied"
hostnam = "typo"
[settings.api.remote]
server-key = "${SECRET}"
`;
const STAYS_MS = 15_000;

test(
  "005 bad user data changes nothing and can be corrected",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const guest = await lab.boot({ userData: BAD, isBare: true });
    const { console } = guest.machine;
    const refusal = await console.waitFor(/Ballast: user data refused: /, { timeoutMs: 300_000 });
    expect(refusal.text).toMatch(/hostnam\b/);
    // It stays up, reads the source again, and neither restarts nor goes on without settings.
    await sleep(STAYS_MS);
    expect(guest.isRunning).toBe(true);
    expect(guest.machine.qmp.events.items.filter(({ event }) => event === "RESET")).toEqual([]);
    const shown = console.lines.map(({ text }) => text).join("\n");
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toMatch(/never-applied|Never shown|Ballast: healthy/);
    await guest.machine.powerCut();

    await guest.switchOn({ isBare: false, userData: '[settings]\nmotd = "Corrected"\n' });
    await guest.healthy();
    expect(await guest.api.get("/settings")).toMatchObject({ motd: "Corrected" });
    expect(await guest.api.get("/boot")).toMatchObject({
      provisioned: true,
      user_data_error: null,
    });
  }),
);
