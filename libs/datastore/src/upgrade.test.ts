import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { createMemoryClock } from "@ballast/system";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { Datastore } from "./index.ts";
import { makeLayoutOne } from "./layout-one.fixture.ts";

const FIXTURE = join(import.meta.dirname, "upgrader.fixture.ts");
const clock = createMemoryClock();

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ballast-upgrade-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

describe("a database of layout 1", () => {
  it("keeps values, pending sets, history and its ETag, and can be restored to any point", () => {
    const file = join(temporaryDirectory(), "1.sqlite");
    makeLayoutOne(file, 5);
    using store = new Datastore({ file, clock });
    expect(store.state).toEqual({ kind: "opened" });
    expect(store.effective().get("motd")).toBe("v5");
    expect(store.etag()).toBe('"12345678-5"');
    expect(store.pending("mine")).toEqual([{ key: "motd", value: "p" }]);
    expect(store.provisioned()?.source).toBe("fw-cfg");
    const [newest] = store.history();
    expect(newest).toEqual({
      id: 5,
      at: "2026-01-01T00:00:00Z",
      who: "local",
      source: "api",
      note: null,
      changes: [
        { key: "api.remote.server-key", action: "set", secret: true },
        { key: "motd", action: "set", value: "v5", old: "v4" },
      ],
    });
    expect(store.history().at(-1)?.changes[1]).toMatchObject({ value: "v1", old: null });
    expect(store.restore(2, "r").changes).toEqual([{ key: "motd", value: "v2" }]);
  });

  it("does not pretend to know what was before a history that is cut off", () => {
    const file = join(temporaryDirectory(), "1.sqlite");
    makeLayoutOne(file, 5);
    const cut = new DatabaseSync(file);
    cut.exec("DELETE FROM history WHERE id < 4; UPDATE history SET changes = 'x' WHERE id = 5");
    cut.close();
    using store = new Datastore({ file, clock });
    expect(store.history().map(({ changes }) => changes.length)).toEqual([0, 2]);
    expect(store.restore(3, "r").skipped).toContainEqual({
      key: "motd",
      reason: "was changed by a system that did not keep the old value",
    });
  });

  it("is whole when the process is killed while it upgrades", async () => {
    const directory = temporaryDirectory();
    const origin = join(directory, "origin.sqlite");
    makeLayoutOne(origin, 100);
    const versions = new Set<number>();
    for (let round = 0; round < 6; round += 1) {
      const files = Array.from({ length: 60 }, (_value, index) =>
        join(directory, `${round}-${index}.sqlite`),
      );
      for (const file of files) copyFileSync(origin, file);
      const child = execa(process.execPath, [FIXTURE, ...files], { reject: false });
      await new Promise((resolve) => {
        child.stdout.once("data", resolve);
      });
      await delay(3 + round * 17);
      child.kill("SIGKILL");
      await child;
      for (const file of files) {
        const raw = new DatabaseSync(file);
        versions.add(Number(raw.prepare("PRAGMA user_version").get()?.["user_version"]));
        raw.close();
        using store = new Datastore({ file, clock });
        expect(store.state).toEqual({ kind: "opened" });
        expect(store.effective().get("motd")).toBe("v100");
        const oldest = store.history().at(-1);
        expect(oldest?.changes[1]).toEqual({ key: "motd", action: "set", value: "v1", old: null });
        expect(store.history()).toHaveLength(100);
      }
    }
    expect(versions).toEqual(new Set([1, 2]));
  }, 120_000);
});
