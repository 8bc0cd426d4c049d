import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createMemoryClock } from "@ballast/system";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { Datastore } from "./index.ts";

const FIXTURE = join(import.meta.dirname, "committer.fixture.ts");
const ROUNDS = 12;
const KEYS = ["motd", "network.hostname"];

describe("a process killed while it commits", () => {
  it("leaves a database in exactly one committed state, never older than what it told", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ballast-crash-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, "s.sqlite");
    let next = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = execa(process.execPath, [FIXTURE, file, String(next)], { reject: false });
      await new Promise((resolve) => {
        child.stdout.once("data", resolve);
      });
      await delay(20 + ((round * 37) % 150));
      child.kill("SIGKILL");
      const { stdout, signal } = await child;
      expect(signal).toBe("SIGKILL");
      const told = Number(stdout.trim().split("\n").at(-1));
      using store = new Datastore({ file, clock: createMemoryClock() });
      expect(store.state).toEqual({ kind: "opened" });
      const hostname = String(store.effective().get("network.hostname"));
      const motd = String(store.effective().get("motd"));
      expect(motd.split(" ", 1)).toEqual([hostname]);
      const committed = Number(hostname.slice(1));
      expect([told, told + 1]).toContain(committed);
      expect(
        store.history()[0]?.changes.map(({ value }) => String(value).split(" ", 1)[0]),
      ).toEqual([hostname, hostname]);
      next = committed + 1;
    }
    expect(next).toBeGreaterThan(ROUNDS);
  }, 120_000);

  it("leaves a commit that waits whole, to be taken back to what was confirmed before", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ballast-crash-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, "s.sqlite");
    let next = 1;
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = execa(process.execPath, [FIXTURE, file, String(next), "try"], {
        reject: false,
      });
      await new Promise((resolve) => {
        child.stdout.once("data", resolve);
      });
      await delay(20 + ((round * 37) % 150));
      child.kill("SIGKILL");
      const { stdout } = await child;
      const told = Number(stdout.trim().split("\n").at(-1));
      using store = new Datastore({ file, clock: createMemoryClock() });
      expect(store.state).toEqual({ kind: "opened" });
      const attempt = store.attempt();
      expect([undefined, String(told + 1)]).toContain(attempt?.token);
      expect(attempt?.keys ?? KEYS).toEqual(KEYS);
      const found = store.effective().get("network.hostname");
      expect(attempt === undefined ? `v${told + 1}` : found).toBe(`v${told + 1}`);
      if (attempt !== undefined) store.takeBack(attempt.token, "test", "found at the start");
      const hostname = String(store.effective().get("network.hostname"));
      expect(String(store.effective().get("motd")).split(" ", 1)).toEqual([hostname]);
      const kept = Number(hostname.slice(1));
      // Even ones were taken back, so an odd one is in force: the last that was told, or the one after it.
      expect(kept % 2).toBe(1);
      expect([told - 1, told, told + 1]).toContain(kept);
      next = told + 2 + (told % 2 === 0 ? 1 : 0);
      if (next % 2 === 0) next += 1;
    }
  }, 120_000);
});
