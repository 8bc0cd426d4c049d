import {
  COMMANDS,
  isCommandName,
  OPTIONS,
  optionsOf,
  SHELLS,
  type CommandName,
  type Shell,
} from "./command-table.ts";

const NAMES = Object.keys(COMMANDS).filter((name): name is CommandName => isCommandName(name));

/** A script that completes commands and their options; all else is files. */
export function completionScript(shell: Shell): string {
  if (shell === "fish") return fishScript();
  return shell === "bash"
    ? bashScript()
    : `autoload -U +X bashcompinit && bashcompinit\n${bashScript()}`;
}

function bashScript(): string {
  const flagsOf = (name: CommandName) =>
    optionsOf(name)
      .map((option) => `--${option}`)
      .join(" ");
  return `_publisher() {
  local words=""
  case "\${COMP_WORDS[1]}" in
${NAMES.map((name) => `    ${name}) words="${flagsOf(name)}" ;;`).join("\n")}
    completion) words="${SHELLS.join(" ")}" ;;
  esac
  if ((COMP_CWORD == 1)); then words="${NAMES.join(" ")} completion --help --version"; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _publisher publisher
`;
}

function fishScript(): string {
  const word = (condition: string, words: string, help: string): string =>
    `complete -c publisher -n "${condition}" ${words} -d '${help}'`;
  return [
    ...NAMES.map((name) => word("__fish_use_subcommand", `-a ${name}`, COMMANDS[name].summary)),
    ...NAMES.flatMap((name) =>
      optionsOf(name).map((option) =>
        word(`__fish_seen_subcommand_from ${name}`, `-l ${option}`, OPTIONS[option].help),
      ),
    ),
    word("__fish_use_subcommand", "-a completion", "Print a completion script"),
    word("__fish_seen_subcommand_from completion", `-a '${SHELLS.join(" ")}'`, "Shell"),
    "",
  ].join("\n");
}
