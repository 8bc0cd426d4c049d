import { COMMANDS, optionsOf, type CommandName } from "./command-table.ts";
import type { Shell } from "./command.ts";
import type { CommandSpec } from "./option.ts";

/** A script that completes commands, the words that follow them, and their options. */
export function completionScript(shell: Shell): string {
  if (shell === "fish") return fishScript();
  return shell === "bash"
    ? bashScript()
    : `autoload -U +X bashcompinit && bashcompinit\n${bashScript()}`;
}

const SPECS = Object.entries<CommandSpec>(COMMANDS);
const NAMES = SPECS.map(([name]) => name);

function bashScript(): string {
  const cases = SPECS.map(([name, { verbs = [] }]) => {
    const flags = flagsOf(nameOf(name));
    return verbs.length === 0
      ? `    ${name}) words="${flags}" ;;`
      : `    ${name}) words="${flags}"; [ -n "$verb" ] || words="${verbs.join(" ")} $words" ;;`;
  });
  return `_apiclient() {
  local words="" word command="" verb=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$command" ]; then
      case "$word" in -*) ;; *) verb="$word" ;; esac
    else
      case "$word" in
        ${NAMES.join("|")}) command="$word" ;;
      esac
    fi
  done
  case "$command" in
${cases.join("\n")}
    *) words="${NAMES.join(" ")} ${flagsOf("raw")}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _apiclient apiclient
`;
}

function fishScript(): string {
  return [
    ...SPECS.map(
      ([name, { summary }]) =>
        `complete -c apiclient -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...SPECS.flatMap(([name, { verbs = [] }]) =>
      verbs.map(
        (verb) => `complete -c apiclient -n "__fish_seen_subcommand_from ${name}" -a ${verb}`,
      ),
    ),
    ...SPECS.flatMap(([name]) =>
      Object.entries(optionsOf(nameOf(name))).map(
        ([option, { help }]) =>
          `complete -c apiclient -n "__fish_seen_subcommand_from ${name}" -l ${option} -d ${quote(help)}`,
      ),
    ),
    "",
  ].join("\n");
}

function nameOf(name: string): CommandName {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are the keys of the table
  return name as CommandName;
}

function flagsOf(name: CommandName): string {
  return Object.keys(optionsOf(name))
    .map((option) => `--${option}`)
    .join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
