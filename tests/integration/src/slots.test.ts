import { RollbackReport, SlotsReport } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { Machine, startMachine } from "./machine.ts";
import { HASH_B, ROOT_HASH, slotStatus } from "./slot-status.ts";

const EFIVARS = "sys/firmware/efi/efivars";
const TRIAL = `${EFIVARS}/BallastTrial-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b`;
const SKIPPED = `${EFIVARS}/BallastSkipped-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b`;
const LOADER = `${EFIVARS}/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`;
const MARKED = "run/ballast/slot-marked";
const USED_UP = JSON.stringify(slotStatus({ b: [2, 0, false] }));
const PANIC =
  "<0>[ 3.2] Kernel panic - not syncing: dm-verity device corrupted\n<0>[ 3.3] Rebooting in 10 seconds..\n";

/** As efivarfs shows it. */
function variable(text: string): string {
  return `\u0006\0\0\0${text.replaceAll(/./gs, "$&\0")}\0\0`;
}

async function slots(machine: Machine): Promise<SlotsReport> {
  const reply = await machine.call("GET", "/slots");
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return SlotsReport.parse(reply.json);
}

/** The next boot of the machine: another boot id, an empty /run, and what the selector says of slot A or B. */
function switchOn(machine: Machine, slot: "A" | "B", bootId: string, isTrial: boolean): void {
  machine.remove("run/ballast/boot.json");
  machine.remove(MARKED);
  machine.write("proc/sys/kernel/random/boot_id", `${bootId}\n`);
  const uevent = (name: string): string => `PARTNAME=BALLAST-ROOT-${name}\n`;
  machine.write("sys/block/dm-0/slaves/vda3/uevent", uevent(slot));
  const hash = slot === "A" ? ROOT_HASH : HASH_B;
  machine.write("proc/cmdline", `dm-mod.create="root,,,ro,0 8 verity 1 sha256 ${hash} aa"\n`);
  if (isTrial) machine.write(TRIAL, variable("1"));
  else machine.remove(TRIAL);
  const status = slotStatus({ active: slot, b: [2, isTrial ? 1 : 0, false] });
  machine.write("signpost/status.json", JSON.stringify(status));
}

describe("GET /slots", () => {
  it("answers what signpost sees", async () => {
    await using machine = await startMachine();
    expect(await slots(machine)).toEqual({
      disk: "/dev/vda",
      active: "A",
      next: "A",
      conflict: null,
      trial: false,
      slots: {
        A: {
          priority: 1,
          tries_left: 6,
          successful: true,
          qualifies: true,
          root_hash: ROOT_HASH,
          state: "active",
        },
        B: {
          priority: 0,
          tries_left: 0,
          successful: false,
          qualifies: false,
          root_hash: HASH_B,
          state: "empty",
        },
      },
      copies: {
        primary: { state: "valid", trusted: true, fault: null },
        backup: { state: "valid", trusted: false, fault: null },
      },
      last_failure: null,
    });
    const shown = await machine.client(["slots"]);
    expect(shown.stdout).toMatch(/^slot A {2}active {3}boots next {2}proven .*\nslot B {2}empty /);
  });

  it("explains, after the other slot gave way, what its health lacked", async () => {
    await using machine = await startMachine();
    await machine.stop();
    switchOn(machine, "B", "boot-b", true);
    machine.write("fail-restart", "");
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect(await slots(machine)).toMatchObject({ active: "B", trial: true, last_failure: null });
    await machine.until(() =>
      machine.read("dev/console").includes("  trial     healthy within 600 s of power-on"),
    );
    await machine.until(() => machine.read("var/lib/ballast/trial.json").includes("hostname"));
    // boot-trial.timer has nothing to do with this program: it just dies.
    await machine.stop("SIGKILL");

    switchOn(machine, "A", "boot-a", false);
    machine.remove("fail-restart");
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect(await slots(machine)).toMatchObject({
      trial: false,
      slots: { B: { state: "failed" } },
      last_failure: {
        slot: "B",
        root_hash: HASH_B,
        reason: "It was not healthy when it was last seen, and was reset: settings",
        unmet: [
          { name: "settings", reason: expect.stringContaining("Job for hostname.service failed") },
        ],
        kernel_log: null,
      },
    });
    expect(machine.log).toContain("The other slot has failed");
    await machine.until(() =>
      machine.read("dev/console").includes("  slot B    failed: It was not"),
    );
    expect((await machine.call("GET", "/health")).status).toBe(200);
  });

  it("shows the kernel's last words, and not again for a later failure", async () => {
    await using machine = await startMachine({
      "signpost/status.json": USED_UP,
      "var/lib/systemd/pstore/1777635000/001/dmesg.txt": PANIC,
    });
    expect((await slots(machine)).last_failure).toMatchObject({
      at: "2026-05-01T11:30:00.000Z",
      reason: "Its kernel stopped: dm-verity device corrupted",
      kernel_log: PANIC.trimEnd(),
    });
    // Written anew, and failed anew, without a word.
    const fresh = "c".repeat(64);
    machine.write("signpost/status.json", USED_UP.replaceAll(HASH_B, fresh));
    expect((await slots(machine)).last_failure).toMatchObject({
      root_hash: fresh,
      reason: expect.stringContaining("used up its tries"),
      kernel_log: null,
    });
  });

  it("passes on why the selector passed over a slot", async () => {
    await using machine = await startMachine({
      "signpost/status.json": JSON.stringify(slotStatus({ b: [2, 1, false] })),
      [LOADER]: variable("0A0A-1"),
      [SKIPPED]: variable("0b0b-2 its image is no PE file\n"),
    });
    expect((await slots(machine)).last_failure?.reason).toBe(
      "The selector could not start it: its image is no PE file",
    );
  });

  it("ends the trial with the mark", async () => {
    await using machine = new Machine({ [TRIAL]: variable("1") });
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect((await slots(machine)).trial).toBe(true);
    machine.write(MARKED, "");
    expect((await slots(machine)).trial).toBe(false);
    expect(JSON.parse(machine.read("var/lib/ballast/trial.json"))).toMatchObject({ attempts: [] });
  });

  it("tells when signpost cannot say, and goes on serving", async () => {
    const conflict = { code: "gpt.no-slots", message: "Cannot find the slots", hint: null };
    await using machine = await startMachine({
      "signpost/status.json": JSON.stringify({ error: conflict }),
    });
    const reply = await machine.call("GET", "/slots");
    expect([reply.status, reply.text]).toEqual([500, expect.stringContaining("gpt.no-slots")]);
    expect((await machine.call("GET", "/os")).status).toBe(200);
    expect(machine.log).toContain("Slots not looked at");
  });
});

describe("POST /actions/rollback", () => {
  const ROLLED_BACK = { "signpost/rollback-to-inactive.json": '{"changed":true,"next":"B"}' };

  it("has signpost change the flags and leaves the machine running", async () => {
    await using machine = await startMachine(ROLLED_BACK);
    const reply = await machine.call("POST", "/actions/rollback");
    expect(RollbackReport.parse(reply.json)).toEqual({ next: "B", rebooting: false });
    const calls = machine.read("systemctl.log");
    expect(calls).toContain("--no-ask-password start signpost@rollback-to-inactive.service\n");
    expect(calls).not.toContain("reboot");
    await machine.until(() => machine.log.includes("API write"));
    expect(machine.log).toMatch(/path=\/actions\/rollback next=B rebooting=false status=200/);
  });

  it("restarts the machine when told", async () => {
    await using machine = await startMachine(ROLLED_BACK);
    const done = await machine.client(["rollback", "--reboot"]);
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      "Slot B boots next: the machine restarts now",
    ]);
    expect(machine.read("systemctl.log")).toContain("--no-ask-password reboot\n");
  });

  it.each(["gpt.slot-not-bootable", "signpost.active-slot-conflict", "signpost.disk-locked"])(
    "answers %s with 409, in the words of signpost, and does not restart",
    async (code) => {
      const error = { code, message: "Cannot roll back to slot B", hint: "Do something else." };
      await using machine = await startMachine({
        "signpost/rollback-to-inactive.json": JSON.stringify({ error }),
      });
      const reply = await machine.call("POST", "/actions/rollback?reboot=true");
      expect(reply.status).toBe(409);
      expect(reply.json).toMatchObject({
        type: `urn:ballast:error:${code}`,
        detail: "Cannot roll back to slot B",
        hint: "Do something else.",
      });
      expect(machine.read("systemctl.log")).not.toContain("reboot\n");
      const refused = await machine.client(["rollback"]);
      expect([refused.exitCode, refused.stderr]).toEqual([
        75,
        expect.stringContaining("Do something else."),
      ]);
    },
  );

  it("refuses an unknown parameter", async () => {
    await using machine = await startMachine(ROLLED_BACK);
    expect((await machine.call("POST", "/actions/rollback?reboot=yes")).status).toBe(400);
  });
});

describe("settings.boot.trial-limit", () => {
  it("takes hold at once in a boot that is on trial, and waits in a file otherwise", async () => {
    await using machine = await startMachine();
    const reloads = (): number => machine.read("systemctl.log").split("daemon-reload").length - 1;
    await machine.set({ boot: { "trial-limit": 90 } });
    expect(machine.read("run/ballast/etc/boot-trial.conf")).toBe(
      "[Timer]\nOnBootSec=\nOnBootSec=90s\n",
    );
    expect(reloads()).toBe(0);
    await machine.stop();
    machine.write(TRIAL, variable("1"));
    await machine.start();
    const changed = await machine.set({ boot: { "trial-limit": 120 } });
    expect(changed.json).toMatchObject({
      services: [{ name: "boot-trial", action: "restarted", status: "ok" }],
    });
    expect(reloads()).toBe(1);
  });
});
