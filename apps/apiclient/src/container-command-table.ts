import { JSON_OPTION, type CommandSpec } from "./option.ts";

const NOT_YET = "The machine answers which part of it is missing.";

/** Commands about containers and updates. The machine says which of them it has no program for yet. */
export const WORKLOAD_COMMANDS = {
  containers: {
    summary: "Show the containers of the machine and how they are",
    options: JSON_OPTION,
    examples: ["apiclient containers", "apiclient containers --json"],
  },
  exec: {
    summary: "Run a command in a container",
    operands: "NAME -- CMD [ARG…]",
    about:
      "NAME is that of a container, or KIND/NAME where two have one name: workload/web, host/admin. Input, output and errors are those of the command. The exit code is its own, 128 and the number of the signal if one ended it, 127 if the container has no such command, 126 if it cannot be run, 125 if the machine refused or the connection was lost. With a terminal Ctrl-C goes to the command; without one it ends it.",
    options: {
      tty: {
        type: "boolean",
        short: "t",
        help: "Give the command a terminal; so it is when input and output are terminals",
      },
      interactive: {
        type: "boolean",
        short: "i",
        help: "Changes nothing: input is always handed on",
      },
      "no-tty": { type: "boolean", short: "T", help: "Give the command no terminal" },
    },
    examples: ["apiclient exec web -- cat /etc/hostname", "apiclient exec -t admin -- bash"],
  },
  update: {
    verbs: ["check", "apply", "cancel", "status"],
    summary: "Look for updates and put one into the other slot (not built yet)",
    operands: "check | apply | cancel | status",
    about: NOT_YET,
    options: {
      check: { type: "boolean", short: "c", help: "apply: look for an update first" },
      reboot: { type: "boolean", short: "r", help: "apply: restart the machine when it is ready" },
      ...JSON_OPTION,
    },
    examples: ["apiclient update check", "apiclient update apply --check --reboot"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type WorkloadCommandName = keyof typeof WORKLOAD_COMMANDS;

export function isWorkloadCommand(name: string): name is WorkloadCommandName {
  return Object.hasOwn(WORKLOAD_COMMANDS, name);
}
