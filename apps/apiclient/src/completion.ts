import { COMMANDS, GLOBAL_OPTIONS } from "./command-table.ts";
import type { Shell } from "./command.ts";
import type { OptionSpecs } from "./option.ts";

/** A script that completes commands and their options. */
export function completionScript(shell: Shell): string {
  if (shell === "fish") return fishScript();
  return shell === "bash"
    ? bashScript()
    : `autoload -U +X bashcompinit && bashcompinit\n${bashScript()}`;
}

function bashScript(): string {
  const cases = Object.entries(COMMANDS).map(
    ([name, { options }]) => `    ${name}) words="${flagsOf(options)} $globals" ;;`,
  );
  return `_apiclient() {
  local words="" word command="" globals="${flagsOf(GLOBAL_OPTIONS)}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      ${Object.keys(COMMANDS).join("|")}) command="$word"; break ;;
    esac
  done
  case "$command" in
${cases.join("\n")}
    *) words="${Object.keys(COMMANDS).join(" ")} $globals" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _apiclient apiclient
`;
}

function fishScript(): string {
  const commands = Object.entries(COMMANDS);
  return [
    ...commands.map(
      ([name, { summary }]) =>
        `complete -c apiclient -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...Object.entries(GLOBAL_OPTIONS).map(([name, { help }]) => fishOption("", name, help)),
    ...commands.flatMap(([command, { options }]) =>
      Object.entries<OptionSpecs[string]>(options).map(([name, { help }]) =>
        fishOption(` -n "__fish_seen_subcommand_from ${command}"`, name, help),
      ),
    ),
    "",
  ].join("\n");
}

function fishOption(condition: string, name: string, help: string): string {
  return `complete -c apiclient${condition} -l ${name} -d ${quote(help)}`;
}

function flagsOf(options: OptionSpecs): string {
  return Object.keys(options)
    .map((name) => `--${name}`)
    .join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
