import {
  COMMANDS,
  OPTIONS,
  operandsOf,
  optionsOf,
  type CommandName,
  type OptionName,
} from "./command-table.ts";

const EXIT_CODES = `Exit codes:
   0  done
   1  refused, or failed
  64  wrong usage
`;

/** The texts of --help. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? programHelp() : commandHelp(topic);
}

function programHelp(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return [
    "Publishes releases as a signed repository (TUF): a folder that any file server can hand out.",
    "",
    "Usage: publisher COMMAND",
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
    "  publisher init repository --keys keys --passphrase-file passphrase",
    "  publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase --waves accelerated",
    "  publisher validate https://updates.example.org/ --root repository/metadata/1.root.json",
    "  source <(publisher completion bash)",
    "",
    EXIT_CODES,
  ].join("\n");
}

function commandHelp(name: CommandName): string {
  const { about, examples } = COMMANDS[name];
  return [
    about,
    "",
    `Usage: ${["publisher", name, ...operandsOf(name)].join(" ")} [options]`,
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
