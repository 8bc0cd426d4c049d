/** The text of --help; an interface, and snapshot-tested. */
export const HELP = `Finds, prepares and activates releases of this machine's image. What it is asked for beyond a command lies in
/run/ballast/updates/requests/COMMAND.json.

Usage: update-agent <command> [options]

Commands:
  status      Tell what runs, what was written and what failed; write it to /run/ballast/updates/status.json

Options:
      --json      Print JSON, of a failure too
      --root DIR  Before all paths of the machine, for tests
  -h, --help      Show this help
      --version   Show the version

Examples:
  update-agent status
  update-agent status --json

Exit codes:
   0  done, or nothing to do
   1  the machine's state or the repository does not allow it
  64  wrong usage
  69  the slots cannot be found
`;
