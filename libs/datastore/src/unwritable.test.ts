import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryClock } from "@ballast/system";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { Datastore } from "./index.ts";

const FIXTURE = join(import.meta.dirname, "unwritable.fixture.ts");
const FULL = "Cannot store settings: the disk is full";
const READ_ONLY = "Cannot store settings: the disk takes no writes";

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ballast-unwritable-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

async function runOn(kind: string, directory: string, mount: readonly string[]): Promise<unknown> {
  const sandbox = ["--dev-bind", "/", "/", ...mount, "--die-with-parent"];
  const { stdout } = await execa("bwrap", [...sandbox, process.execPath, FIXTURE, kind, directory]);
  return JSON.parse(stdout);
}

describe("a disk that takes no writes", () => {
  it("when full: says so, keeps what was committed, opens, and goes on when there is room", async () => {
    const directory = makeDirectory();
    const mount = ["--size", String(1 << 20), "--tmpfs", directory];
    const refused = ["datastore.full", "datastore.full", FULL, "kept"];
    expect(await runOn("full", directory, mount)).toEqual([
      ...refused,
      // The database of another version is not made, and leaves nothing.
      "datastore.full",
      true,
      ...refused,
      ["motd"],
      [],
      null,
      "derived",
      true,
    ]);
  });

  it("when read-only: opens, can be read, and says so", async () => {
    const directory = makeDirectory();
    {
      using store = new Datastore({
        file: join(directory, "s.sqlite"),
        clock: createMemoryClock(),
        bootId: "boot-1",
      });
      store.stage("default", [{ key: "motd", value: "kept" }]);
      store.commit("default", { who: "local", source: "api" });
      store.stage("old", [{ key: "motd", value: "never" }]);
    }
    const mount = ["--ro-bind", directory, directory];
    expect(await runOn("read-only", directory, mount)).toEqual([
      "datastore.unwritable",
      "datastore.unwritable",
      READ_ONLY,
      "kept",
    ]);
  });
});
