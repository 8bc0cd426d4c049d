import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryClock } from "@ballast/system";
import { describe, expect, it, onTestFinished } from "vitest";
import { Datastore } from "./index.ts";

const API = { who: "local", source: "api" } as const;
const clock = createMemoryClock();

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "ballast-store-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  return join(directory, "settings", "1.sqlite");
}

function filled(): string {
  const file = temporaryFile();
  using store = new Datastore({ file, clock });
  for (let number = 0; number < 50; number += 1) {
    store.stage("default", [{ key: "motd", value: `${number} ${"x".repeat(2000)}` }]);
    store.commit("default", API);
  }
  return file;
}

describe("opening a database", () => {
  it("creates it for root alone, then finds what was committed", () => {
    const file = temporaryFile();
    {
      using store = new Datastore({ file, clock });
      expect(store.state).toEqual({ kind: "created" });
      store.stage("default", [{ key: "motd", value: "kept" }]);
      store.commit("default", API);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    using store = new Datastore({ file, clock });
    expect(store.state).toEqual({ kind: "opened" });
    expect(store.effective().get("motd")).toBe("kept");
  });

  it("takes an empty file, as a power cut at the first start leaves it", () => {
    const file = filled();
    truncateSync(file, 0);
    using store = new Datastore({ file, clock });
    expect(store.state).toEqual({ kind: "created" });
  });

  const damages: [string, (file: string) => void][] = [
    [
      "text",
      (file) =>
        writeFileSync(file, "this is not a database, but longer than its header".repeat(20)),
    ],
    ["a bad header", (file) => writeBytes(file, 0, "garbage!")],
    ["bad pages", (file) => writeBytes(file, 4096, "\u0000".repeat(4096 * 6))],
    ["a missing end", (file) => truncateSync(file, 4096 * 2 + 100)],
    [
      "another program's tables",
      (file) => {
        writeFileSync(file, "");
        const other = new DatabaseSync(file);
        other.exec("CREATE TABLE t (a)");
        other.close();
      },
    ],
  ];

  it.each(damages)("sets a file with %s aside and begins anew", (_name, damage) => {
    const file = filled();
    damage(file);
    const before = readFileSync(file);
    {
      using store = new Datastore({ file, clock });
      expect(store.state).toMatchObject({ kind: "replaced", keptAs: `${file}.damaged-1` });
      expect(store.values().size).toBe(0);
      store.stage("default", [{ key: "motd", value: "again" }]);
      store.commit("default", API);
    }
    expect(readFileSync(`${file}.damaged-1`).equals(before)).toBe(true);
    damage(file);
    using store = new Datastore({ file, clock });
    expect(store.state).toMatchObject({ keptAs: `${file}.damaged-2` });
    expect(existsSync(`${file}.damaged-1`)).toBe(true);
  });

  it("never sets a good file aside because another process holds it", () => {
    const file = filled();
    const other = new DatabaseSync(file);
    other.exec("BEGIN EXCLUSIVE");
    expect(() => new Datastore({ file, clock })).toThrow(
      expect.objectContaining({ code: "datastore.open" }),
    );
    other.close();
    expect(readdirSync(join(file, "..")).filter((name) => name.includes("damaged"))).toEqual([]);
  }, 20_000);

  it("refuses the layout of a newer system and leaves the file alone", () => {
    const file = filled();
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 3");
    newer.close();
    const copy = `${file}.copy`;
    copyFileSync(file, copy);
    expect(() => new Datastore({ file, clock })).toThrow(
      expect.objectContaining({ code: "datastore.too-new" }),
    );
    expect(readFileSync(file).equals(readFileSync(copy))).toBe(true);
  });

  it("begins nothing where the settings lie elsewhere, and sets a damaged file aside all the same", () => {
    const absent = expect.objectContaining({ code: "datastore.absent" });
    const begin = (file: string): Datastore => new Datastore({ file, clock, mayBegin: false });
    const missing = temporaryFile();
    expect(() => begin(missing)).toThrow(absent);
    expect(existsSync(missing)).toBe(false);
    const file = filled();
    begin(file).close();
    for (const [index, damage] of [
      (path: string) => truncateSync(path, 5000),
      (path: string) => writeFileSync(path, ""),
    ].entries()) {
      damage(file);
      expect(() => begin(file)).toThrow(absent);
      expect(existsSync(file)).toBe(false);
      expect(existsSync(`${file}.damaged-${index + 1}`)).toBe(true);
    }
  });

  it("gives another database another ETag", () => {
    using one = new Datastore({ file: ":memory:", clock });
    using two = new Datastore({ file: ":memory:", clock });
    expect(one.etag()).not.toBe(two.etag());
  });

  it("drops pending sets of an earlier boot, not of this one", () => {
    const file = temporaryFile();
    const pendingAt = (bootId: string): number => {
      using store = new Datastore({ file, clock, bootId });
      const count = store.pending("default").length;
      store.stage("default", [{ key: "motd", value: "x" }]);
      return count;
    };
    expect([pendingAt("one"), pendingAt("one"), pendingAt("two")]).toEqual([0, 1, 0]);
  });

  it("does not use stored values that this system does not accept, and takes new ones in their place", () => {
    const file = filled();
    const tampered = new DatabaseSync(file);
    tampered.exec(`UPDATE value SET value = '42' WHERE key = 'motd'`);
    tampered.exec(`INSERT INTO value VALUES ('gone.setting', '1', 'api')`);
    tampered.close();
    using store = new Datastore({ file, clock });
    expect(store.unusable).toEqual(["gone.setting", "motd"]);
    expect(store.effective().get("motd")).toBe("Welcome to Ballast");
    store.stage("default", [{ key: "motd", value: "good" }]);
    store.commit("default", API);
    expect(store.effective().get("motd")).toBe("good");
  });
});

function writeBytes(file: string, at: number, text: string): void {
  const bytes = readFileSync(file);
  bytes.write(text, at, "latin1");
  writeFileSync(file, bytes);
}
