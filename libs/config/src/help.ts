export const HELP = `Usage: ballast-config MACHINE.ts [--machine NAME] [--json]
       ballast-config MACHINE.ts --out DIR
       ballast-config MACHINE.ts --list
       ballast-config --check FILE…

Prints the user data of a machine whose settings are written in TypeScript. The program exports what
defineMachine() of @ballast/config gives: one machine, or a list or table of them.

Options:
  -m, --machine NAME  The machine to print, if there are several
  -o, --out DIR       Write DIR/NAME.toml for each machine, readable by you alone: secrets are in it
      --list          Show the names of the machines
      --check         Only check: user data (*.toml, - for standard input) by line, or programs
      --json          Print JSON: the settings, or what the check found
  -h, --help          Show this help
      --version       Show the version

Exit code 65 if a machine would refuse the settings, 64 for wrong usage.

Examples:
  npx ballast-config harbour.ts > user-data.toml
  npx ballast-config fleet.ts --out user-data
  npx ballast-config --check user-data.toml
`;
