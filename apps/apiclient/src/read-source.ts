import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "./apiclient-error.ts";
import { parseSettings } from "./settings-text.ts";

/** Nested settings of a file, of standard input (`-`) or of an https URL. */
export async function readSettings(context: ProgramContext, source: string): Promise<unknown> {
  const what = source === "-" ? "standard input" : `"${source}"`;
  return parseSettings(await readSource(context, source), what);
}

async function readSource(context: ProgramContext, source: string): Promise<string> {
  if (source === "-") return context.stdin();
  if (/^https:/i.test(source)) {
    const { download } = await import("./download.ts");
    return download(source, context.signal);
  }
  try {
    return await readFile(/^file:/i.test(source) ? fileURLToPath(source) : source, "utf8");
  } catch (cause) {
    throw new ApiclientError("apiclient.read", `Cannot read "${source}"`, {
      cause,
      exitCode: EXIT.badData,
    });
  }
}
