import {
  COMMANDS,
  OPTIONS,
  optionsOf,
  type CommandName,
  type OptionName,
} from "./command-table.ts";

const EXIT_CODES = `Exit codes:
   0  done, or nothing to do
   1  the state of the slots does not allow it, or a write failed
  64  wrong usage
  65  the disk holds no usable partition table or no slots
  69  the disk or the active slot cannot be found
  75  another signpost is writing, try again
  77  no permission
`;

/** The texts of --help; they are an interface and snapshot-tested. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? programHelp() : commandHelp(topic);
}

function programHelp(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return [
    "Reads and writes the boot flags of the two slots.",
    "",
    "Usage: signpost <command> [options]",
    "",
    "Commands:",
    ...table([...rows, ["completion", "Print a completion script for bash, zsh or fish"]]),
    "",
    "Options:",
    ...table([
      ["-h, --help", "Show this help, or that of a command"],
      ["--version", OPTIONS.version.help],
    ]),
    "",
    "Examples:",
    "  signpost status",
    "  signpost status --device disk.img --json",
    "  signpost rollback-to-inactive --dry-run",
    "  source <(signpost completion bash)",
    "",
    EXIT_CODES,
  ].join("\n");
}

function commandHelp(name: CommandName): string {
  const { about, examples } = COMMANDS[name];
  return [
    about,
    "",
    `Usage: signpost ${name} [options]`,
    "",
    "Options:",
    ...table(optionsOf(name).map((option) => [flagOf(option), OPTIONS[option].help])),
    "",
    "Examples:",
    ...examples.map((line) => `  ${line}`),
    "",
    EXIT_CODES,
  ].join("\n");
}

function flagOf(name: OptionName): string {
  const option = OPTIONS[name];
  const short = "short" in option ? `-${option.short}, ` : "";
  return `${short}--${name}${"value" in option ? ` ${option.value}` : ""}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
