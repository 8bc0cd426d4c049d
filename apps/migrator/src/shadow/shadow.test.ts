import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { defineHistory, defineMigration } from "@ballast/migrations";
import { describe, expect, it } from "vitest";
import { TestMachine } from "../machine.fixture.ts";
import { databaseOf } from "../places.ts";

/** Runs 2.0.0, with 1.0.0 in the other slot. */
async function updated(): Promise<TestMachine> {
  const machine = new TestMachine();
  machine.set("1.0.0", { motd: "first", "metrics.enabled": true });
  await machine.start("2.0.0");
  return machine;
}

describe("the settings for the version in the other slot", () => {
  it("follow each commit, in the form of that version, and name what it cannot hold", async () => {
    const machine = await updated();
    machine.set("2.0.0", { "network.hostname": "second", "metrics.port": 9999 });
    expect(await machine.shadow()).toMatchObject({
      version: "1.0.0",
      reason: null,
      set_aside: ["settings.metrics.port"],
    });
    expect(machine.values("1.0.0")).toEqual({ motd: "second", "metrics.enabled": true });
    await machine.start("1.0.0");
    using store = machine.open("1.0.0");
    expect(store.state).toEqual({ kind: "opened" });
    expect(store.effective().get("motd")).toBe("second");
  });

  it("bring back what was set aside when the newer version returns, even if its own are gone", async () => {
    const machine = await updated();
    machine.set("2.0.0", { "metrics.port": 9999 });
    await machine.shadow();
    await machine.start("1.0.0");
    machine.set("1.0.0", { motd: "changed" });
    truncateSync(databaseOf(machine.places, "2.0.0"), 3000);
    const { renameSync } = await import("node:fs");
    renameSync(databaseOf(machine.places, "2.0.0"), `${machine.places.settings}/gone`);
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({
      "network.hostname": "changed",
      "metrics.enabled": true,
      "metrics.port": 9999,
    });
  });

  it("lose nothing over a rollback, even where they had not followed the last commits", async () => {
    const machine = await updated();
    machine.set("2.0.0", { "network.hostname": "second", "metrics.enabled": false });
    await machine.shadow();
    machine.set("2.0.0", { "boot.trial-limit": 900, "network.hostname": "late" });
    await machine.start("1.0.0");
    expect(machine.values("1.0.0")).toEqual({ motd: "second", "metrics.enabled": false });
    machine.set("1.0.0", { "metrics.enabled": null });
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({
      "network.hostname": "late",
      "boot.trial-limit": 900,
    });
  });

  it("are as a restart would leave them: without a commit that nobody confirmed", async () => {
    const machine = await updated();
    machine.set("2.0.0", { "network.hostname": "tried" }, "token");
    await machine.shadow();
    expect(machine.values("1.0.0")).toMatchObject({ motd: "first" });
    {
      using store = machine.open("2.0.0");
      expect(store.attempt()).toMatchObject({ token: "token" });
      store.confirm("token");
    }
    await machine.shadow();
    expect(machine.values("1.0.0")).toMatchObject({ motd: "tried" });
  });

  it("stay as they were if the migration fails, which is told", async () => {
    const machine = await updated();
    const before = readFileSync(databaseOf(machine.places, "1.0.0"));
    machine.set("2.0.0", { "network.hostname": "second" });
    const broken = defineHistory([
      defineMigration({
        to: "2.0.0",
        name: "no-way-back",
        describe: "Has no way back",
        owns: ["network.hostname"],
        forward: (values) => values,
        backward: () => {
          throw new Error("not thought of");
        },
      }),
    ]);
    await expect(machine.shadow(broken)).rejects.toMatchObject({ code: "migrations.threw" });
    expect(readFileSync(databaseOf(machine.places, "1.0.0")).equals(before)).toBe(true);
    expect(JSON.parse(readFileSync(machine.places.shadowReport, "utf8"))).toMatchObject({
      reason: expect.stringContaining("no-way-back"),
    });
    expect(readdirSync(machine.places.settings).filter((name) => name.includes("draft"))).toEqual(
      [],
    );
  });

  it("take the place of a damaged database, which is kept", async () => {
    const machine = await updated();
    truncateSync(databaseOf(machine.places, "1.0.0"), 5000);
    await machine.shadow();
    expect(machine.values("1.0.0")).toMatchObject({ motd: "first" });
    expect(existsSync(`${databaseOf(machine.places, "1.0.0")}.damaged-1`)).toBe(true);
  });

  it("are not made for a newer version, nor while the other version's changes are not taken over", async () => {
    const machine = await updated();
    await machine.start("1.0.0");
    machine.set("1.0.0", { motd: "of 1" });
    await expect(machine.shadow()).rejects.toThrow("ENOENT");
    machine.write(machine.places.osRelease, "VERSION_ID=2.0.0\n");
    await expect(machine.shadow()).rejects.toThrow("ENOENT");
    expect(machine.values("1.0.0")).toMatchObject({ motd: "of 1" });
  });
});

describe("migrator prepare", () => {
  it("makes them for an older version that was never here, and follows from then on", async () => {
    const machine = await updated();
    machine.set("2.0.0", { "network.hostname": "second" });
    await machine.prepare("1.5.0");
    expect(machine.values("1.5.0")).toMatchObject({ motd: "second" });
    machine.set("2.0.0", { "network.hostname": "third" });
    expect(await machine.shadow()).toMatchObject({ version: "1.5.0" });
    await machine.start("1.5.0");
    expect(machine.values("1.5.0")).toMatchObject({ motd: "third" });
  });

  it("notes a newer version, which makes its own", async () => {
    const machine = await updated();
    await machine.prepare("3.0.0");
    expect(existsSync(databaseOf(machine.places, "3.0.0"))).toBe(false);
    await expect(machine.shadow()).rejects.toThrow("ENOENT");
    await machine.start("3.0.0");
    expect(machine.values("3.0.0")).toMatchObject({ "network.hostname": "first" });
  });

  it("refuses what is no version", async () => {
    const machine = await updated();
    for (const version of ["../../x", "newest", ""])
      await expect(machine.prepare(version)).rejects.toMatchObject({
        code: "migrator.bad-version",
      });
  });
});
