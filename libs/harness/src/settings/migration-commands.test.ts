import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeKey, type Migration } from "@ballast/migrations";
import { checkMigrations } from "./check-migrations.ts";
import { newMigration, snapshotSettings } from "./migration-commands.ts";

const LIST = `import type { Migration } from "../migration.ts";

/** All of them. */
export const MIGRATIONS: readonly Migration[] = [];
`;

let sources = "";
beforeEach(async () => {
  sources = await mkdtemp(join(tmpdir(), "migrations-"));
  for (const folder of ["migrations", "released"]) {
    await mkdir(join(sources, folder));
    await writeFile(join(sources, folder, "index.ts"), LIST);
  }
});
afterEach(() => rm(sources, { recursive: true }));

describe("newMigration()", () => {
  it("writes a migration and its test and adds it to the list, one after the other", async () => {
    await newMigration(["rename-hostname"], sources);
    await newMigration(["drop-motd", "--to", "0.3.0-rc.1"], sources);
    expect(await readdir(join(sources, "migrations"))).toEqual([
      "0.2.0-rename-hostname.test.ts",
      "0.2.0-rename-hostname.ts",
      "0.3.0-rc.1-drop-motd.test.ts",
      "0.3.0-rc.1-drop-motd.ts",
      "index.ts",
    ]);
    expect(await readFile(join(sources, "migrations/index.ts"), "utf8")).toBe(
      `import type { Migration } from "../migration.ts";
import { renameHostname } from "./0.2.0-rename-hostname.ts";
import { dropMotd } from "./0.3.0-rc.1-drop-motd.ts";

/** All of them. */
export const MIGRATIONS: readonly Migration[] = [renameHostname, dropMotd];
`,
    );
  });

  it.each([
    ["no name", []],
    ["a name that is no identifier", ["2-x"]],
    ["a name with a path", ["../x"]],
    ["a version that was released", ["x", "--to", "0.1.0"]],
    ["what is no version", ["x", "--to", "next"]],
    ["an unknown option", ["x", "--from", "0.1.0"]],
  ])("refuses %s and writes nothing", async (_, args) => {
    await expect(newMigration(args, sources)).rejects.toMatchObject({ code: "build.usage" });
    expect(await readdir(join(sources, "migrations"))).toEqual(["index.ts"]);
  });

  it("does not write over one that is there", async () => {
    await newMigration(["twice"], sources);
    await expect(newMigration(["twice"], sources)).rejects.toThrow("exists");
  });
});

describe("snapshotSettings()", () => {
  it("keeps shape and values of a version, and adds it once", async () => {
    await snapshotSettings(["7.0.0"], sources);
    expect(await readdir(join(sources, "released"))).toEqual([
      "7.0.0.json",
      "7.0.0.settings.json",
      "index.ts",
    ]);
    const list = await readFile(join(sources, "released/index.ts"), "utf8");
    expect(list).toContain('import shape_7_0_0 from "./7.0.0.json" with { type: "json" };');
    expect(list).toContain('[{ version: "7.0.0", shape: shape_7_0_0 }]');
  });

  it("refuses what is no version", async () => {
    await expect(snapshotSettings(["latest"], sources)).rejects.toMatchObject({
      code: "build.usage",
    });
  });
});

describe("checkMigrations()", () => {
  const beyond: Migration[] = [
    { to: "0.2.0", name: "drop", describe: "Drops it.", ...removeKey("motd") },
  ];

  it("warns of migrations that an image in the making does not run, and refuses a release", () => {
    expect(checkMigrations("0.1.0-dev", beyond)).toEqual([
      'migration "0.2.0 drop" does not run in version 0.1.0-dev',
    ]);
    expect(() => checkMigrations("0.1.0", beyond)).toThrow("0.2.0 drop");
    expect(checkMigrations("0.1.0", [])).toEqual([]);
  });
});
