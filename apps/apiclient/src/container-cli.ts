import { noOperands, usage } from "./cli-checks.ts";
import type { Values } from "./values.ts";
import type { WorkloadCommandName } from "./container-command-table.ts";
import type { WorkloadCommand } from "./container-command.ts";

/** Arguments of the commands about containers. Throws UsageError. */
export function parseWorkloadCommand(name: WorkloadCommandName, values: Values): WorkloadCommand {
  const operands = values.operands.slice(1);
  switch (name) {
    case "containers":
      noOperands(name, operands);
      return { do: name, json: values.has("json") };
    case "exec":
      break;
  }
  return parseExec(values, operands);
}

function parseExec(values: Values, [container, ...command]: readonly string[]): WorkloadCommand {
  if (container === undefined) throw usage("exec", "the NAME of a container is missing");
  if (command.length === 0) throw usage("exec", "the command is missing, must be NAME -- CMD");
  const [isTty, isNotTty] = [values.has("tty"), values.has("no-tty")];
  if (isTty && isNotTty) throw usage("exec", "-t and -T exclude each other");
  return { do: "exec", container, command, tty: isTty ? true : isNotTty ? false : undefined };
}
