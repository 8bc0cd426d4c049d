import { JSON_OPTION, type CommandSpec } from "./option.ts";

/** Reports about the machine. */
export const REPORT_COMMANDS = {
  report: {
    verbs: ["list", "cis", "logs"],
    summary: "Check how hardened the machine is, or collect its logs for a support request",
    operands: "list | cis | logs",
    about:
      "cis: checks of a benchmark with what was seen for each; exit code 1 if one fails or cannot look. logs: writes an archive (tar, gzip) of the journal and the state of the machine, without secrets; takes a role of admin.",
    options: {
      level: {
        type: "string",
        short: "l",
        value: "1|2",
        help: "cis: checks up to this level, 1 unless told",
      },
      output: {
        type: "string",
        short: "o",
        value: "FILE",
        help: "logs: the archive to write, ballast-logs.tar.gz unless told",
      },
      force: { type: "boolean", help: "logs: replace a file that exists" },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient report cis --level 2",
      "apiclient --remote web-1 --credentials creds report logs -o web-1.tar.gz",
    ],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
