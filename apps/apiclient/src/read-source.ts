import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "./apiclient-error.ts";
import { parseSettings } from "./settings-text.ts";

/** Nested settings of a file, of standard input (`-`) or of an https URL, for which `ca` names a file with authorities. */
export async function readSettings(
  context: ProgramContext,
  source: string,
  ca: string | undefined,
): Promise<unknown> {
  const what = source === "-" ? "standard input" : `"${source}"`;
  return parseSettings(await readSource(context, source, ca), what);
}

async function readSource(
  context: ProgramContext,
  source: string,
  ca: string | undefined,
): Promise<string> {
  if (source === "-") return context.stdin();
  if (/^https:/i.test(source)) {
    const { download } = await import("./download.ts");
    const trusted = ca === undefined ? undefined : await readLocal(ca, ca);
    return download(source, context.signal, trusted);
  }
  return readLocal(/^file:/i.test(source) ? fileURLToPath(source) : source, source);
}

async function readLocal(file: string, source: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new ApiclientError("apiclient.read", `Cannot read "${source}"`, {
      cause,
      exitCode: EXIT.badData,
    });
  }
}
