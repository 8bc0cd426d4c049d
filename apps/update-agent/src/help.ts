/** The text of --help; an interface, and snapshot-tested. */
export const HELP = `Finds, prepares and activates releases of this machine's image. What it is asked for beyond a command lies in
/run/ballast/updates/requests/COMMAND.json.

Usage: update-agent <command> [options]

Commands:
  check       Ask the repository which releases there are, and choose one
  plan        Tell what preparing an update would do; changes nothing
  prepare     Write the chosen release to the slot that does not run
  activate    Boot the slot that was prepared next, on trial
  cancel      Boot the running slot next after all
  status      Tell what runs, what was written and what failed; write it to /run/ballast/updates/status.json
  tick        Do what the schedule of the settings has due now, of all this; run by update-agent.timer

Options:
      --json      Print JSON, of a failure too
      --root DIR  Before all paths of the machine, for tests
  -h, --help      Show this help
      --version   Show the version

Examples:
  update-agent check
  update-agent prepare
  update-agent status --json

Exit codes:
   0  done, or nothing to do
   1  the machine's state or the repository does not allow it
  64  wrong usage
  65  not possible in this state, or asked for wrongly
  69  no slots, no such update, or an image without a root of trust
  75  another command is at work
  78  the settings name no repository
 143  stopped
`;
