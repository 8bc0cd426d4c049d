export const HELP = `migrator: the settings of one version for another

Usage: migrator run [--root DIR]
       migrator shadow [--root DIR]
       migrator prepare --for VERSION [--root DIR]
       migrator --dry-run --from VERSION --to VERSION --json FILE

Commands
  run         Make sure that the running version has its settings: those that it left, with what another version
              changed since, or else those of the newest older version in its own form. Runs at each boot before the
              API server, and at each of its starts.
  shadow      Bring the database of the version in the other slot up to date, if that version is known and older. Runs
              after commits.
  prepare     The same for a version that was just written into the other slot; it is the known one from then on.

Dry run, for the author of a migration
  Prints what would become of the settings in FILE, a table as "apiclient get settings" prints it: what each
  migration changes, what is set aside, what the versions refuse. Values of secrets are left out. Nothing is written.

Options
  --for VERSION  The version in the other slot
  --root DIR     Everything lies below this folder instead of /
  -h, --help     Show this help
  --version      Show the version
`;
