import { resolve } from "node:path";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { Fs } from "@ballast/system";
import { checkSettings } from "./check-settings.ts";
import { checkToml } from "./check-toml.ts";
import { ConfigError } from "./config-error.ts";
import { loadProgram } from "./load-program.ts";
import { resolveDeferred } from "./resolve.ts";

/** What a machine would refuse, and of which file: in TOML with its line, in a program with the machine's name. */
interface FileFinding {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly machine?: string;
  readonly key?: string;
  readonly reason: string;
}

/** Prints every finding of all files, one a line. */
export async function runCheck(
  context: ProgramContext,
  fs: Fs,
  { files, json }: { readonly files: readonly string[]; readonly json: boolean },
): Promise<number> {
  const findings: FileFinding[] = [];
  for (const file of files)
    findings.push(
      ...(isToml(file)
        ? checkToml(await readToml(context, fs, file)).map((finding) => ({ file, ...finding }))
        : await checkProgram(context, file)),
    );
  const isGood = findings.length === 0;
  const lines = findings.map((finding) => `${textOf(finding)}\n`).join("");
  await context.stdout(json ? `${JSON.stringify({ ok: isGood, findings })}\n` : lines);
  return isGood ? EXIT.ok : EXIT.badData;
}

function isToml(file: string): boolean {
  return file === "-" || file.endsWith(".toml");
}

async function readToml(context: ProgramContext, fs: Fs, file: string): Promise<string> {
  const text = file === "-" ? await context.stdin() : await fs.readText(resolve(file));
  if (text !== undefined) return text;
  throw new ConfigError("config.no-file", `Cannot read "${file}": there is no such file`, {
    exitCode: EXIT.badData,
  });
}

async function checkProgram({ env }: ProgramContext, file: string): Promise<FileFinding[]> {
  const { machines, directory } = await loadProgram(file);
  return machines.flatMap(({ name, settings }) =>
    checkSettings(resolveDeferred(settings, { directory, env })).map((issue) => ({
      file,
      machine: name,
      ...issue,
    })),
  );
}

function textOf({ file, line, column, machine, key, reason }: FileFinding): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const what = [machine === undefined ? [] : [`${machine}:`], key ?? [], reason].flat().join(" ");
  return `${place}: ${what}`;
}
