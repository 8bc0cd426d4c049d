import { readFile } from "node:fs/promises";
import { EXIT } from "@ballast/errors";
import { dryRun } from "@ballast/migrations";
import { MigratorError } from "./errors.ts";

/** What a migration would do, on a contributor's computer. */
export async function runDryRun(
  { from, to, file }: { readonly from: string; readonly to: string; readonly file: string },
  stdout: (text: string) => Promise<void>,
): Promise<number> {
  const document = await readJson(file);
  await stdout(`${JSON.stringify(dryRun(document, from, to), undefined, 2)}\n`);
  return EXIT.ok;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new MigratorError("migrator.bad-file", `Cannot read settings from "${file}"`, {
      cause,
      exitCode: EXIT.badData,
    });
  }
}
