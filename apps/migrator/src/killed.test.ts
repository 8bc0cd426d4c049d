import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { TestMachine } from "./machine.fixture.ts";

const FIXTURE = join(import.meta.dirname, "killed.fixture.ts");

/** Kills the command before each of its writes; answers how many there were. */
async function killAtEach(
  command: "run" | "shadow",
  machine: TestMachine,
  judge: () => Promise<void>,
): Promise<number> {
  const saved = mkdtempSync(`${machine.root}-saved-`);
  onTestFinished(() => {
    rmSync(saved, { recursive: true });
  });
  cpSync(machine.root, saved, { recursive: true });
  for (let write = 1; ; write += 1) {
    const { signal, stderr } = await execa(
      process.execPath,
      [FIXTURE, command, machine.root, String(write)],
      { reject: false },
    );
    expect(stderr).not.toContain("Error");
    await judge();
    if (signal === undefined) return write - 1;
    rmSync(machine.root, { recursive: true });
    cpSync(saved, machine.root, { recursive: true });
  }
}

const OLD = { motd: "first", "metrics.enabled": true };
const NEW = { "network.hostname": "first", "metrics.enabled": true };

function names(machine: TestMachine): string[] {
  return readdirSync(machine.places.settings).filter((name) => !name.endsWith("-journal"));
}

describe("migrator killed before each of its writes", () => {
  it("at the first start of a version: it has its settings or none, and has them at the next start", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", OLD);
    machine.write(machine.places.osRelease, "VERSION_ID=2.0.0\n");
    const writes = await killAtEach("run", machine, async () => {
      expect(machine.values("1.0.0")).toEqual(OLD);
      const isMade = names(machine).includes("2.0.0.sqlite");
      expect(isMade ? machine.values("2.0.0") : NEW).toEqual(NEW);
      await machine.start("2.0.0");
      expect(machine.values("2.0.0")).toEqual(NEW);
      // Begun anew: what was left half made is gone.
      await machine.start("1.0.0");
      await machine.start("2.0.0");
      expect(machine.values("2.0.0")).toEqual(NEW);
      expect(names(machine).filter((name) => name.endsWith(".draft"))).toEqual([]);
    });
    expect(writes).toBeGreaterThan(15);
  }, 300_000);

  it("while it makes those for the other slot: they are the former ones or the new ones", async () => {
    const machine = new TestMachine();
    machine.set("1.0.0", OLD);
    await machine.start("2.0.0");
    machine.set("2.0.0", { "network.hostname": "second" });
    const found = new Set<unknown>();
    const writes = await killAtEach("shadow", machine, async () => {
      expect(machine.values("2.0.0")).toEqual({ ...NEW, "network.hostname": "second" });
      const values = machine.values("1.0.0");
      expect([OLD, { ...OLD, motd: "second" }]).toContainEqual(values);
      found.add(values["motd"]);
      await machine.shadow();
      expect(machine.values("1.0.0")).toEqual({ ...OLD, motd: "second" });
    });
    expect([...found]).toEqual(["first", "second"]);
    expect(writes).toBeGreaterThan(15);
  }, 300_000);
});
