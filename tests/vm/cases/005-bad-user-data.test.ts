import { setTimeout as sleep } from "node:timers/promises";
import { bootsLimitMs, fetchJournalText, inLab, type Guest } from "@ballast/testkit";
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
const CORRECTED = { isBare: false, userData: '[settings]\nmotd = "Corrected"\n' };
const STAYS_MS = 15_000;

test(
  "005 bad user data changes nothing and can be corrected",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const guest = await lab.boot({ userData: BAD, isBare: true });
    await expectRefusal(guest);
    // It stays up, reads the source again, and neither restarts nor goes on without settings.
    await sleep(STAYS_MS);
    expect(guest.isRunning).toBe(true);
    expect(guest.machine.qmp.events.items.filter(({ event }) => event === "RESET")).toEqual([]);
    expectNothingApplied(guest);
    await guest.powerCut();

    await guest.switchOn(CORRECTED);
    await guest.healthy();
    await expectCorrected(guest, "fw-cfg");
  }),
);

test(
  "005 bad user data on a volume can be corrected while the machine runs",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const guest = await lab.boot({
      userData: BAD,
      isBare: true,
      userDataSource: "volume",
      allowed: [{ pattern: /^User data refused/, reason: "This case offers bad user data." }],
    });
    await expectRefusal(guest);
    expectNothingApplied(guest);
    await guest.swapVolume(CORRECTED);
    // Until the new volume is read, the console may show the refusal of the one that is gone once more.
    await guest.healthy({ isBeingCorrected: true });
    await expectCorrected(guest, "volume:BALLAST");
    expect(guest.machine.qmp.events.items.filter(({ event }) => event === "RESET")).toEqual([]);
    // The journal of the whole boot names the bad key and never the secret.
    const journal = await fetchJournalText(guest.api, 7);
    expect(journal).toMatch(/hostnam\b/);
    expect(journal).not.toContain(SECRET);
  }),
);

async function expectRefusal({ machine }: Guest): Promise<void> {
  const limit = { timeoutMs: 300_000 };
  const refusal = await machine.console.waitFor(/Ballast: user data refused: /, limit);
  expect(refusal.text).toMatch(/hostnam\b/);
}

function expectNothingApplied({ machine }: Guest): void {
  const shown = machine.console.lines.map(({ text }) => text).join("\n");
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toMatch(/never-applied|Never shown|Ballast: healthy/);
}

async function expectCorrected({ api }: Guest, source: string): Promise<void> {
  expect(await api.get("/settings")).toMatchObject({ motd: "Corrected" });
  expect(await api.get("/boot")).toMatchObject({
    provisioned: true,
    user_data_source: source,
    user_data_error: null,
  });
}
