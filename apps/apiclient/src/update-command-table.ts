import { JSON_OPTION, type CommandSpec } from "./option.ts";

export const UPDATE_COMMANDS = {
  update: {
    verbs: ["check", "plan", "apply", "activate", "cancel", "status", "inhibit", "release"],
    summary: "Look for updates, put one into the other slot, boot it next",
    operands: "check | plan | apply | activate | cancel | status | inhibit NAME | release NAME",
    about:
      "apply looks, writes the update to the other slot, reads it back and has it boot next; that there is nothing to do is no failure. Ctrl-C ends only the watching: the machine goes on, and apply takes the thread up again. cancel stops what is being written, and has the system that runs boot next again. A version that runs is left with apiclient rollback. inhibit holds off restarts that the machine makes by itself, for a time that its settings bound, and release takes that back. Exit code 75 when the machine is busy or does not allow it now.",
    options: {
      version: {
        type: "string",
        value: "V",
        help: "plan, apply: exactly this version, also an older one",
      },
      force: { type: "boolean", help: "plan, apply: also a version that failed here" },
      "ignore-waves": {
        type: "boolean",
        help: "check, plan, apply: do not wait for this machine's turn",
      },
      bundle: {
        type: "string",
        value: "FILE",
        help: "apply: hand this bundle over and take it, without a network; needs role admin",
      },
      "ignore-expiry": {
        type: "boolean",
        help: "apply --bundle: although its metadata may have expired",
      },
      "prepare-only": { type: "boolean", help: "apply: only write it; activate comes later" },
      reboot: {
        type: "boolean",
        short: "r",
        help: "apply, activate: restart the machine when it is ready",
      },
      check: { type: "boolean", short: "c", help: "Changes nothing: apply always looks first" },
      watch: { type: "boolean", short: "w", help: "status: follow what is being done to its end" },
      why: { type: "string", value: "TEXT", help: "inhibit: what must not be cut short" },
      for: { type: "string", value: "TIME", help: "inhibit: how long, as 30m, 2h or 1d" },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient update check",
      "apiclient update plan --version 1.3.0",
      "apiclient update apply --reboot",
      "apiclient update apply --bundle ballast-1.3.0.tar",
      "apiclient update status --watch",
      'apiclient update inhibit backup --why "a backup runs" --for 2h',
    ],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
