import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BallastError, EXIT } from "@ballast/errors";
import { ConfigError } from "./config-error.ts";
import { findMachines, type NamedMachine } from "./find-machines.ts";

export interface LoadedProgram {
  readonly machines: readonly NamedMachine[];
  /** Where the program lies, and its relative paths start. */
  readonly directory: string;
}

/** Runs a program in TypeScript or JavaScript and takes the machines that it exports. Node takes the types away itself. */
export async function loadProgram(path: string): Promise<LoadedProgram> {
  const file = resolve(path);
  await access(file).catch((cause: unknown) => {
    throw new ConfigError("config.no-file", `Cannot read "${path}"`, {
      cause,
      exitCode: EXIT.badData,
    });
  });
  return { machines: findMachines(await importFile(file, path)), directory: dirname(file) };
}

async function importFile(file: string, path: string): Promise<object> {
  try {
    const exports: unknown = await import(pathToFileURL(file).href);
    return Object(exports);
  } catch (cause) {
    // What the program itself threw with a code of ours tells enough.
    if (cause instanceof BallastError) throw cause;
    throw new ConfigError("config.bad-program", `Cannot run "${path}"`, {
      cause,
      exitCode: EXIT.badData,
    });
  }
}
