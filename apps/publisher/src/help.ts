export const HELP = `Usage: publisher COMMAND

Publishes releases as a signed repository (TUF): a folder that any file server can hand out.

Commands:
  init REPOSITORY             make keys, and a repository without releases
      --root-keys N             keys of the root of trust (default 3)
      --root-threshold N        signatures that it needs (default 2)
  add REPOSITORY IMAGE        publish an image: the folder that its build left
      --waves POLICY            default, accelerated, slow-roll, urgent, none, or a JSON file (default: default)
      --dry-run                 pack it and tell what would be, publish nothing
      --json                    the report as JSON
  set-max-version REPOSITORY VERSION
                              the highest version that machines may run; those of a higher one go back
  refresh REPOSITORY          sign again what expires; for a timer, once a day
  validate URL                fetch all of a published repository, and verify it as a machine does
      --root FILE               the root of trust of the machines, 1.root.json
      --json                    the report as JSON

Where something is signed:
  --keys FOLDER               the keys, as init made them; root keys are needed by init alone, keep them elsewhere
  --passphrase-file FILE      what the keys are sealed with; one line

Options:
  -h, --help                  this text
      --version               the version

Examples:
  publisher init repository --keys keys --passphrase-file passphrase
  publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase --waves accelerated
  publisher validate https://updates.example.org/ --root repository/metadata/1.root.json

Exit: 0 done, 1 failed, 2 wrong usage.
`;
