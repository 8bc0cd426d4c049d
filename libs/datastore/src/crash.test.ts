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
});
