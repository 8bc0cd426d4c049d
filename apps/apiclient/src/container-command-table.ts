import { JSON_OPTION, type CommandSpec } from "./option.ts";

/** Commands about containers. */
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
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type WorkloadCommandName = keyof typeof WORKLOAD_COMMANDS;

export function isWorkloadCommand(name: string): name is WorkloadCommandName {
  return Object.hasOwn(WORKLOAD_COMMANDS, name);
}
