import { access, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { addToList, migrationFiles, releaseFiles, RELEASED } from "@ballast/migrations/check";
import { compareVersions, isVersion } from "@ballast/updates";
import { BuildError } from "../core/build-error.ts";
import { REPOSITORY, repositoryPath } from "../core/paths.ts";
import { runTool } from "../core/run-tool.ts";

const HELP = `Usage: npm run new-migration -- NAME [--to VERSION]

Writes a migration of settings that is to be filled in, and its test, which fails until that is done.

NAME is words of a-z and 0-9, joined by -. VERSION is the first one whose settings have the new form, pre-releases
included; without it, the next minor version after the last release. Guide: docs/guides/migrations.md
`;

const SOURCES = repositoryPath("libs/migrations/src");

/** `npm run new-migration`. `sources` is for tests. */
export async function newMigration(args: readonly string[], sources = SOURCES): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw usage("name it by words of a-z and 0-9, joined by -");
  const last = RELEASED.at(-1)?.version ?? "0.0.0";
  const to = values.to ?? nextMinor(last);
  if (!isVersion(to) || compareVersions(to, last) <= 0)
    throw usage(`--to must be a version after ${last}, the last release`);
  const { stem, constant, migration, test } = migrationFiles({ name, to });
  const folder = join(sources, "migrations");
  await writeNew(join(folder, `${stem}.ts`), migration);
  await writeNew(join(folder, `${stem}.test.ts`), test);
  const importLine = `import { ${constant} } from "./${stem}.ts";`;
  await extend(join(folder, "index.ts"), importLine, constant);
}

/** `npm run snapshot-settings`: part of a release. `sources` is for tests. */
export async function snapshotSettings(args: readonly string[], sources = SOURCES): Promise<void> {
  const [version, ...rest] = args;
  if (version === undefined || rest.length > 0 || !isVersion(version))
    throw new BuildError("build.usage", "Cannot keep the settings: name exactly one version", {
      hint: "Usage: npm run snapshot-settings -- VERSION",
    });
  const folder = join(sources, "released");
  const { shape, settings } = releaseFiles();
  const isKnown = RELEASED.some((release) => release.version === version);
  await write(join(folder, `${version}.json`), shape);
  await write(join(folder, `${version}.settings.json`), settings);
  if (isKnown) return;
  const constant = `shape_${version.replaceAll(/[^0-9A-Za-z]/g, "_")}`;
  await extend(
    join(folder, "index.ts"),
    `import ${constant} from "./${version}.json" with { type: "json" };`,
    `{ version: "${version}", shape: ${constant} }`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (cause) {
    throw new BuildError("build.usage", "Cannot make a migration", { cause, hint: HELP });
  }
}

function usage(reason: string): BuildError {
  return new BuildError("build.usage", `Cannot make a migration: ${reason}`, { hint: HELP });
}

function nextMinor(version: string): string {
  const [major = "0", minor = "0"] = version.split(".");
  return `${major}.${Number(minor) + 1}.0`;
}

async function extend(list: string, importLine: string, entry: string): Promise<void> {
  await write(list, addToList(await readFile(list, "utf8"), importLine, entry));
}

async function writeNew(file: string, text: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw usage(`"${relative(REPOSITORY, file)}" exists; take another name`);
  await write(file, text);
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await runTool(repositoryPath("node_modules/.bin/oxfmt"), [file]);
  process.stdout.write(`${relative(REPOSITORY, file)}\n`);
}
