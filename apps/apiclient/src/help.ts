import {
  commonOptionsOf,
  COMMANDS,
  GLOBAL_OPTIONS,
  MACHINE_OPTIONS,
  type CommandName,
} from "./command-table.ts";
import type { CommandSpec, OptionSpecs } from "./option.ts";
import { TEXT_WIDTH, wrap } from "./text-layout.ts";

const EXIT_CODES = `Exit codes:
   0  done
   1  refused, or a service failed
  64  wrong usage
  65  the machine refused a value
  69  the machine cannot be reached or does not serve
  75  try again
  77  no permission`;

/** The text of `--help`, of the program or of one command. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? programHelp() : commandHelp(topic, COMMANDS[topic]);
}

function programHelp(): string {
  const names = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return sections(
    "The API of a Ballast machine on the command line, on the machine or from afar.",
    "Usage: apiclient [options] <command> …",
    table("Commands:", names),
    optionTable("Options:", { ...MACHINE_OPTIONS, ...GLOBAL_OPTIONS }),
    examples([
      "apiclient get settings",
      "apiclient set motd=Hello",
      "apiclient explain network.hostname",
      "apiclient --remote 192.0.2.7 --credentials creds health",
    ]),
    EXIT_CODES,
    'Help on a command: "apiclient <command> --help".',
  );
}

function commandHelp(name: CommandName, spec: CommandSpec): string {
  const operands = spec.operands === undefined ? "" : ` ${spec.operands}`;
  return sections(
    `${spec.summary}.`,
    `Usage: apiclient ${name} [options]${operands}`,
    spec.about === undefined ? undefined : wrap(spec.about, TEXT_WIDTH).join("\n"),
    Object.keys(spec.options).length === 0 ? undefined : optionTable("Options:", spec.options),
    examples(spec.examples),
    optionTable("Options of every command:", commonOptionsOf(name)),
  );
}

function optionTable(title: string, options: OptionSpecs): string {
  const rows = Object.entries(options).map(([name, { short, value, help, multiple }]) => {
    const flag = `${short === undefined ? "    " : `-${short}, `}--${name}`;
    const more = multiple === true ? "…" : "";
    return [`${flag}${value === undefined ? "" : ` ${value}${more}`}`, help] as const;
  });
  return table(title, rows);
}

function table(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.flatMap(([left, right]) =>
    wrap(right, TEXT_WIDTH - 2 - width).map(
      (line, index) => `  ${(index === 0 ? left : "").padEnd(width)}${line}`,
    ),
  );
  return [title, ...lines].join("\n");
}

function examples(lines: readonly string[]): string {
  return ["Examples:", ...lines.map((line) => `  ${line}`)].join("\n");
}

function sections(...parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}
