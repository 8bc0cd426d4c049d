import { readdirSync, readFileSync, truncateSync, writeFileSync, copyFileSync } from "node:fs";
import { defineHistory, defineMigration } from "@ballast/migrations";
import { describe, expect, it } from "vitest";
import { TestMachine } from "../machine.fixture.ts";
import { databaseOf } from "../places.ts";

function files(machine: TestMachine): string[] {
  return readdirSync(machine.places.settings).filter((name) => !name.endsWith("-journal"));
}

describe("the first start of a version", () => {
  it("does nothing where no settings are", async () => {
    const machine = new TestMachine();
    await machine.start("1.0.0");
    expect(() => machine.report).toThrow("ENOENT");
    expect(readdirSync(machine.root)).not.toContain("var");
  });

  it("makes its database from the newest older one, in its own form", async () => {
    const machine = new TestMachine();
    machine.set("0.9.0", { motd: "oldest" });
    machine.set("1.0.0", { motd: "hello", "metrics.enabled": false });
    const before = readFileSync(databaseOf(machine.places, "1.0.0"));
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({
      "network.hostname": "hello",
      "metrics.enabled": false,
    });
    expect(readFileSync(databaseOf(machine.places, "1.0.0")).equals(before)).toBe(true);
    expect(machine.report).toMatchObject({
      outcome: "made",
      from: "1.0.0",
      to: "2.0.0",
      changed: ["settings.motd", "settings.network.hostname"],
      passed_over: [],
    });
    expect(files(machine).toSorted()).toEqual([
      "0.9.0.sqlite",
      "1.0.0.sqlite",
      "2.0.0.sqlite",
      "last-run.json",
    ]);
    // Nothing is left to do, so nothing is loaded at the next start.
    await machine.start("2.0.0");
    expect(() => machine.report).toThrow("ENOENT");
  });

  it("takes sources, the history and the mark of user data along, but no way back over the change of form", async () => {
    const machine = new TestMachine();
    {
      using store = machine.open("1.0.0");
      store.provision([{ key: "motd", value: "user-data" }], "fw-cfg", "local");
      store.generate("metrics.enabled", true, "apiserver", "made");
    }
    machine.set("1.0.0", { "metrics.enabled": false });
    await machine.start("2.0.0");
    using store = machine.open("2.0.0");
    expect(store.state).toEqual({ kind: "opened" });
    expect(store.provisioned()).toMatchObject({ source: "fw-cfg" });
    expect(store.values().get("network.hostname")).toMatchObject({ source: "user-data" });
    expect(store.values().get("metrics.enabled")).toMatchObject({ source: "api", value: false });
    const [migration, ...earlier] = store.history();
    expect(migration).toMatchObject({
      who: "migrator",
      changes: [
        { key: "motd", action: "unset" },
        { key: "network.hostname", action: "set" },
      ],
    });
    expect(earlier).toHaveLength(3);
    const first = earlier.at(-1)?.id ?? 0;
    expect(store.restore(first, "back")).toEqual({
      changes: [{ key: "metrics.enabled", value: null }],
      skipped: [
        expect.objectContaining({ key: "motd" }),
        expect.objectContaining({ key: "network.hostname" }),
      ],
    });
  });

  it("takes back a commit that nobody confirmed, as the old version would have", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "kept" });
    machine.set("1.0.0", { motd: "tried" }, "token");
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({ "network.hostname": "kept" });
    using store = machine.open("2.0.0");
    expect(store.attempt()).toBeUndefined();
  });

  it("passes over a damaged database and one of another version, and says so", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "good" });
    machine.set("1.1.0", { motd: "damaged" });
    await machine.start("1.2.0");
    copyFileSync(databaseOf(machine.places, "1.2.0"), databaseOf(machine.places, "1.3.0"));
    truncateSync(databaseOf(machine.places, "1.1.0"), 5000);
    truncateSync(databaseOf(machine.places, "1.2.0"), 0);
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({ "network.hostname": "good" });
    expect(machine.report).toMatchObject({ outcome: "made", from: "1.0.0" });
    expect(machine.report.passed_over.map(({ version }) => version).toSorted()).toEqual([
      "1.1.0",
      "1.2.0",
      "1.3.0",
    ]);
    expect(machine.report.passed_over.map(({ reason }) => reason).join()).not.toContain(
      machine.values("2.0.0")["network.hostname"],
    );
  });
});

describe("a version that cannot have its settings", () => {
  const BROKEN = defineHistory([
    defineMigration({
      to: "2.0.0",
      name: "throws",
      describe: "Throws",
      owns: ["motd"],
      forward: () => {
        throw new Error("not thought of");
      },
      backward: (values) => values,
    }),
  ]);

  it("leaves everything as it was when a migration throws, and says which", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "hello" });
    await machine.start("1.0.0");
    const before = files(machine).map((name) => readFileSync(`${machine.places.settings}/${name}`));
    await expect(machine.start("2.0.0", BROKEN)).rejects.toMatchObject({
      code: "migrations.threw",
    });
    expect(
      files(machine).map((name) => readFileSync(`${machine.places.settings}/${name}`)),
    ).toEqual(before);
    expect(machine.report).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("throws"),
    });
    await machine.start("1.0.0");
    expect(machine.values("1.0.0")).toEqual({ motd: "hello" });
  });

  it("fails on trial if only a newer version has settings, and else takes what it understands", async () => {
    const machine = new TestMachine();
    machine.set("3.0.0", { motd: "newer", "not.known.yet": 1 });
    machine.write(machine.places.trialVariable, "");
    await expect(machine.start("2.0.0")).rejects.toMatchObject({ code: "migrator.nothing-usable" });
    expect(files(machine)).toEqual(["3.0.0.sqlite"]);
    writeFileSync(machine.places.trialVariable, "");
    const { rmSync } = await import("node:fs");
    rmSync(machine.places.trialVariable);
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({ motd: "newer" });
    expect(machine.report).toMatchObject({
      outcome: "taken",
      from: "3.0.0",
      set_aside: ["settings.not.known.yet"],
    });
  });
});

describe("a version that comes back", () => {
  it("has what the old one changed meanwhile, and keeps what the old one never had", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "first", "metrics.enabled": true, "boot.trial-limit": 900 });
    await machine.start("2.0.0");
    machine.set("2.0.0", { "metrics.port": 9999 });
    await machine.start("1.0.0");
    machine.set("1.0.0", { motd: "changed-on-1", "metrics.enabled": null });
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({
      "network.hostname": "changed-on-1",
      "boot.trial-limit": 900,
      "metrics.port": 9999,
    });
    expect(machine.report).toMatchObject({
      outcome: "merged",
      from: "1.0.0",
      changed: ["settings.metrics.enabled", "settings.network.hostname"],
    });
    // Once is enough: what was changed since is not overwritten by the same again.
    machine.set("2.0.0", { "network.hostname": "changed-on-2" });
    await machine.start("1.0.0");
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")["network.hostname"]).toBe("changed-on-2");
  });

  it("merges into a still newer version what an older one changed since", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "first", "metrics.enabled": true });
    await machine.start("2.0.0");
    machine.set("2.0.0", { "metrics.port": 9999 });
    await machine.start("1.0.0");
    machine.set("1.0.0", { "metrics.enabled": null, motd: "changed-on-1" });
    await machine.start("3.0.0");
    expect(machine.values("3.0.0")).toEqual({
      "network.hostname": "changed-on-1",
      "metrics.port": 9999,
    });
    expect(machine.report).toMatchObject({ outcome: "made", from: "2.0.0" });
  });

  it("goes on with its own settings if those of the old version are damaged", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", { motd: "first" });
    await machine.start("2.0.0");
    await machine.start("1.0.0");
    truncateSync(databaseOf(machine.places, "1.0.0"), 5000);
    await machine.start("2.0.0");
    expect(machine.values("2.0.0")).toEqual({ "network.hostname": "first" });
    expect(machine.report.passed_over).toEqual([expect.objectContaining({ version: "1.0.0" })]);
  });
});
