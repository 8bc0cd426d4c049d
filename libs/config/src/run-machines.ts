import { join, resolve } from "node:path";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { Fs } from "@ballast/system";
import type { Command } from "./cli.ts";
import { ConfigError } from "./config-error.ts";
import { chooseMachine, type NamedMachine } from "./find-machines.ts";
import { loadProgram, type LoadedProgram } from "./load-program.ts";
import { tomlDocument } from "./toml-document.ts";
import { toSettings } from "./user-data.ts";

type MachinesCommand = Extract<Command, { readonly do: "list" | "print" | "write" }>;

/** Names of the machines that a program exports, the user data of one, or that of all. */
export async function runMachines(
  context: ProgramContext,
  fs: Fs,
  command: MachinesCommand,
): Promise<void> {
  const program = await loadProgram(command.file);
  if (command.do === "list") {
    const names = program.machines.map(({ name }) => name);
    const lines = names.map((name) => `${name}\n`).join("");
    await context.stdout(command.json ? `${JSON.stringify(names)}\n` : lines);
  } else if (command.do === "print") {
    const machine = chooseMachine(program.machines, command.machine);
    await context.stdout(document(context, program, machine, command.json));
  } else {
    await writeAll(context, fs, program, command);
  }
}

/** All are made before the first is written: bad settings of one leave no half of a fleet behind. */
async function writeAll(
  context: ProgramContext,
  fs: Fs,
  program: LoadedProgram,
  { directory, json }: { readonly directory: string; readonly json: boolean },
): Promise<void> {
  const files = program.machines.map((machine) => ({
    path: join(directory, fileName(machine.name, json ? "json" : "toml")),
    text: document(context, program, machine, json),
  }));
  for (const { path, text } of files) {
    await fs.writeDurable(resolve(path), text, 0o600);
    await context.stdout(`${path}\n`);
  }
}

function document(
  { env }: ProgramContext,
  { directory }: LoadedProgram,
  machine: NamedMachine,
  json: boolean,
): string {
  const settings = toSettings(machine, { directory, env });
  return json ? `${JSON.stringify({ settings }, null, 2)}\n` : tomlDocument({ settings });
}

function fileName(name: string, suffix: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return `${name}.${suffix}`;
  throw new ConfigError("config.bad-program", `Cannot name a file after machine "${name}"`, {
    hint: "Give it a name of letters, digits, '.', '_' and '-': defineMachine({ name, settings }).",
    exitCode: EXIT.badData,
  });
}
