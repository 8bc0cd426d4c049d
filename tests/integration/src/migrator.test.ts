import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Machine } from "./machine.ts";

const SETTINGS = "var/lib/ballast/settings";

function boots(machine: Machine, version: string): void {
  machine.write("usr/lib/os-release", `VERSION_ID=${version}\nVARIANT_ID=test\n`);
  machine.remove("run/ballast/migrator");
}

async function motd(machine: Machine): Promise<unknown> {
  return (await machine.call("GET", "/settings?keys=settings.motd")).json;
}

it("a machine keeps its settings over an update, and over the way back and forth", async () => {
  await using machine = new Machine();
  boots(machine, "1.0.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect((await machine.set({ motd: "of 1.0.0" })).status).toBe(200);
  await machine.stop();

  boots(machine, "1.1.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect(await motd(machine)).toEqual({ motd: "of 1.0.0" });
  expect((await machine.call("GET", "/boot")).json).toMatchObject({
    migration: { outcome: "made", from: "1.0.0", to: "1.1.0", changed: [], set_aside: [] },
  });
  await machine.stop();

  boots(machine, "1.0.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect((await machine.set({ motd: "changed on 1.0.0" })).status).toBe(200);
  expect((await machine.call("GET", "/boot")).json).toMatchObject({ migration: null });
  await machine.stop();

  boots(machine, "1.1.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect(await motd(machine)).toEqual({ motd: "changed on 1.0.0" });
});

it("the API server does not begin anew where another version has settings, and says why", async () => {
  await using machine = new Machine();
  boots(machine, "1.0.0");
  await machine.start();
  expect((await machine.set({ motd: "of 1.0.0" })).status).toBe(200);
  await machine.stop();

  boots(machine, "1.1.0");
  const { exitCode, stderr } = await machine.spawn(["serve", "--root", machine.root]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("must not begin anew [datastore.absent]");
  expect(machine.read("dev/console")).toContain("must not begin anew");
  expect(readdirSync(join(machine.root, SETTINGS)).some((name) => name.startsWith("1.1.0"))).toBe(
    false,
  );
});

it("settings that are damaged come back from those of the other version when the server is started again", async () => {
  await using machine = new Machine();
  boots(machine, "1.0.0");
  await machine.start();
  expect((await machine.set({ motd: "of 1.0.0" })).status).toBe(200);
  await machine.stop();
  boots(machine, "1.1.0");
  await machine.migrate();
  truncateSync(join(machine.root, SETTINGS, "1.1.0.sqlite"), 5000);

  expect(await machine.migrate()).toBe(0);
  const { exitCode } = await machine.spawn(["serve", "--root", machine.root]);
  expect(exitCode).toBe(1);
  // systemd starts it again, and migrator before it.
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect(await motd(machine)).toEqual({ motd: "of 1.0.0" });
  expect(machine.has(`${SETTINGS}/1.1.0.sqlite.damaged-1`)).toBe(true);
});

it("what is committed reaches the version in the other slot, before the machine goes back to it", async () => {
  await using machine = new Machine();
  boots(machine, "1.0.0");
  await machine.start();
  expect((await machine.set({ motd: "of 1.0.0" })).status).toBe(200);
  expect((await machine.call("POST", "/actions/reboot")).status).toBe(204);
  // Nothing is started where no other version has run.
  expect(machine.read("systemctl.log")).not.toContain("settings-shadow.service");
  await machine.stop();

  boots(machine, "1.1.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect((await machine.set({ motd: "of 1.1.0" })).status).toBe(200);
  expect((await machine.call("POST", "/actions/reboot")).status).toBe(204);
  const calls = machine.read("systemctl.log").split("\n");
  const shadow = calls.findIndex((line) => line.endsWith("start settings-shadow.service"));
  expect(shadow).toBeGreaterThan(0);
  expect(calls.findLastIndex((line) => line.endsWith(" reboot"))).toBeGreaterThan(shadow);
  // What the unit runs.
  expect(await machine.migrator("shadow")).toBe(0);
  expect((await machine.call("GET", "/boot")).json).toMatchObject({
    shadow: { version: "1.0.0", reason: null, set_aside: [] },
  });
  await machine.stop();

  boots(machine, "1.0.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect(await motd(machine)).toEqual({ motd: "of 1.1.0" });
});

it("settings for a version that was never here are made before it starts", async () => {
  await using machine = new Machine();
  boots(machine, "1.1.0");
  await machine.start();
  expect((await machine.set({ motd: "of 1.1.0" })).status).toBe(200);
  expect(await machine.migrator("prepare", "--for", "1.0.0")).toBe(0);
  expect(await machine.migrator("prepare", "--for", "newest")).toBe(64);
  await machine.stop();
  boots(machine, "1.0.0");
  expect(await machine.migrate()).toBe(0);
  await machine.start();
  expect(await motd(machine)).toEqual({ motd: "of 1.1.0" });
});

it("where no database can be used a trial fails, and else the server begins anew and the failure tells", async () => {
  await using machine = new Machine();
  const file = `${SETTINGS}/1.0.0.sqlite`;
  const trial = "sys/firmware/efi/efivars/BallastTrial-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b";
  machine.write(file, "this is no database");
  machine.write(trial, "");
  boots(machine, "1.1.0");
  expect(await machine.migrate()).toBe(65);
  expect(machine.log).toContain("[migrator.nothing-usable]");
  expect(JSON.parse(machine.read("run/ballast/migrator/report.json"))).toMatchObject({
    outcome: "failed",
    passed_over: [{ version: "1.0.0" }],
  });
  expect(machine.read(file)).toBe("this is no database");

  machine.remove(trial);
  expect(await machine.migrate()).toBe(65);
  expect(machine.read(`${file}.damaged-1`)).toBe("this is no database");
  await machine.start();
  expect((await machine.call("GET", "/boot")).json).toMatchObject({
    provisioned: false,
    migration: { outcome: "failed", passed_over: [{ version: "1.0.0" }] },
  });
});
