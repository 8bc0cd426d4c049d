import {
  bootsLimitMs,
  fetchJournal,
  fetchSlots,
  inLab,
  PARTITION,
  SecureBoot,
  writeBootFlags,
  type Guest,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const WANTED = `[settings.boot]
reboot-to-reconcile = true
kernel-parameters.hugepages = ["16"]
init-parameters."systemd.show_status" = ["no"]
`;
const RUNNING = ["hugepages=16", "systemd.show_status=no"];

/** What the selector says of parameters, one word a start. */
function outcomes(guest: Guest): string[] {
  return guest.machine.console.lines.flatMap(({ text }) => {
    const [, outcome] = /ballast-selector: slot .*, parameters (\S+)/.exec(text) ?? [];
    return outcome === undefined ? [] : [outcome];
  });
}

async function kernelLines(guest: Guest): Promise<string[]> {
  const journal = await fetchJournal(guest.api);
  return journal.filter(({ isKernel }) => isKernel).map(({ message }) => message);
}

function resets(guest: Guest): number {
  return guest.machine.qmp.events.items.filter(({ event }) => event === "RESET").length;
}

/** With firmware that enforces signatures, which is where a command line from outside is ignored. */
test(
  "030 parameters of the user data are on the command line after one restart, and proven after that",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const secureBoot = await (await SecureBoot.make(lab)).enrol();
    const guest = await lab.boot({ userData: WANTED, secureBoot });
    await guest.healthy();
    expect(resets(guest)).toBe(1);
    expect(outcomes(guest)).toEqual(["trying"]);
    const kernel = await kernelLines(guest);
    expect(kernel.filter((line) => /secure boot enabled/i.test(line))).toHaveLength(1);
    expect(kernel.find((line) => line.startsWith("Command line: "))).toMatch(
      / ballast\.parameters hugepages=16 systemd\.show_status=no$/,
    );
    expect(kernel.join("\n")).toMatch(/HugeTLB: registered 2\.00 MiB page size, pre-allocated 16/);
    await expect
      .poll(() => guest.api.get("/boot"), { timeout: 60_000, interval: 1000 })
      .toMatchObject({ parameters: { running: RUNNING, wanted: RUNNING, state: "as-set" } });

    await guest.reboot();
    expect(outcomes(guest)).toEqual(["trying", "proven"]);
    expect(resets(guest)).toBe(2);

    // What runs is what counts for the plan, and not what was set before.
    await guest.api.call("PATCH", "/settings", {
      boot: { "kernel-parameters": { hugepages: ["8"] } },
    });
    expect(await guest.api.get("/tx/plan")).toMatchObject({ reboot: true });
    await guest.api.call("POST", "/tx/commit_and_apply");
    expect(await guest.api.get("/boot")).toMatchObject({
      parameters: { running: RUNNING, state: "after-restart" },
    });
    await guest.api.call("PATCH", "/settings", {
      boot: { "kernel-parameters": { hugepages: ["16"] } },
    });
    expect(await guest.api.get("/tx/plan")).toMatchObject({ reboot: false });
    await guest.api.call("POST", "/tx/commit_and_apply");
    expect(await guest.api.get("/boot")).toMatchObject({ parameters: { state: "as-set" } });
  }),
);

test(
  "030 parameters with which the machine does not get healthy are dropped, and the slot is kept",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({
      hasFaults: true,
      trialLimitSeconds: 60,
      parameters: ["ballast.fault=parameters"],
    });
    // A proven slot: only its parameters are on trial.
    await writeBootFlags(disk.path, PARTITION.bootB, { priority: 2, tries: 7, isSuccessful: true });
    const guest = await lab.boot({ disk });
    await guest.healthy();
    await guest.api.call("PATCH", "/settings", {
      boot: { "kernel-parameters": { skew_tick: ["1"] }, "reboot-to-reconcile": true },
    });
    await guest.api.call("POST", "/tx/commit_and_apply");

    // With them containerd does not start, and boot-trial.timer resets the machine.
    const before = resets(guest);
    await guest.requestReset("/actions/reboot");
    await expect.poll(() => resets(guest), { timeout: 300_000, interval: 1000 }).toBe(before + 2);
    await expect.poll(() => outcomes(guest), { timeout: 60_000 }).toEqual(["trying", "failed"]);
    await guest.healthy();
    expect(resets(guest)).toBe(before + 2);
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "B",
      next: "B",
      slots: { B: { successful: true, root_hash: parts.rootHash } },
    });
    expect(await guest.api.get("/boot")).toMatchObject({
      parameters: { running: [], wanted: ["skew_tick=1"], state: "refused" },
    });
    const refused: unknown = expect.objectContaining({
      name: "boot-parameters",
      status: "warning",
    });
    expect(await guest.api.get("/health")).toMatchObject({
      status: "healthy",
      checks: expect.arrayContaining([refused]),
    });

    await guest.api.call("DELETE", "/settings?keys=boot.kernel-parameters.skew_tick");
    await guest.api.call("POST", "/tx/commit_and_apply");
    expect(await guest.api.get("/boot")).toMatchObject({
      parameters: { wanted: [], state: "as-set" },
    });
  }),
);
