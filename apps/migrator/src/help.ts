export const HELP = `migrator: the settings of another version, for the one that starts

Usage: migrator run [--root DIR]

Commands
  run         Make sure that the running version has its settings: those that it left, with what another version
              changed since, or else those of the newest older version in its own form. Runs at each boot before the
              API server, and at each of its starts.

Options
  --root DIR  Everything lies below this folder instead of /
  -h, --help  Show this help
  --version   Show the version
`;
