import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** Ends the signed part of the command line; the selector writes parameters after it (kernel/selector/README.md). */
const MARKER = " ballast.parameters";

/** What kernel, firmware and selector say of parameters. Each set is the text that stands on the command line. */
export interface ParameterFacts {
  /** Of the kernel that runs; undefined if its image has no place for parameters. */
  readonly running: string | undefined;
  /** What the firmware holds for the next start; empty if it holds none. */
  readonly asked: string;
  /** The same when this boot began: what the selector has seen. */
  readonly atStart: string;
  /** `T` or `P`, and the set that was tried or proven. */
  readonly known: string | undefined;
  /** What the selector did about `atStart`, in its own word; undefined if it says nothing of parameters. */
  readonly outcome: string | undefined;
  /** This boot must prove the set that runs. */
  readonly isTried: boolean;
  /** The mark was earned, so that signpost has noted the proof, or could not. */
  readonly isMarked: boolean;
  /** The firmware lets the running system see variables at all. */
  readonly hasVariables: boolean;
}

export async function readParameterFacts(fs: Fs): Promise<ParameterFacts> {
  const [commandLine, asked, known, outcome] = await Promise.all([
    fs.readText(PATHS.commandLine),
    readVariable(fs, PATHS.parametersVariable),
    readVariable(fs, PATHS.parametersStateVariable),
    readVariable(fs, PATHS.parametersOutcomeVariable),
  ]);
  return {
    running: runningParameters(commandLine ?? ""),
    asked: asked ?? "",
    atStart: await readAtStart(fs, asked ?? ""),
    known,
    outcome,
    isTried: await fs.exists(PATHS.parametersTrialVariable),
    isMarked: await fs.exists(PATHS.slotMarked),
    hasVariables: (await fs.list(PATHS.efiVariables)).length > 0,
  };
}

export function runningParameters(commandLine: string): string | undefined {
  const line = commandLine.trimEnd();
  if (line.endsWith(MARKER)) return "";
  const start = line.lastIndexOf(`${MARKER} `);
  return start === -1 ? undefined : line.slice(start + MARKER.length + 1);
}

/** Nobody but this server has the variable changed, so the first look in a boot finds what the selector has found. */
async function readAtStart(fs: Fs, asked: string): Promise<string> {
  const noted = await fs.readText(PATHS.parametersAtStart);
  if (noted !== undefined) return noted;
  await fs.writeDurable(PATHS.parametersAtStart, asked, 0o600);
  return asked;
}

/** 4 bytes of attributes, then ASCII, or UTF-16 of ASCII; but root could have written any bytes. */
async function readVariable(fs: Fs, path: string): Promise<string | undefined> {
  const bytes = await fs.readBytes(path);
  if (bytes === undefined) return undefined;
  return Buffer.from(bytes).subarray(4).toString("latin1").replaceAll("\0", "");
}
