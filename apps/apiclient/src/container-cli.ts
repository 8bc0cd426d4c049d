import { noOperands, oneVerb, usage } from "./cli-checks.ts";
import type { Values } from "./values.ts";
import { WORKLOAD_COMMANDS, type WorkloadCommandName } from "./container-command-table.ts";
import type { WorkloadCommand } from "./container-command.ts";

/** Arguments of the commands about containers and updates. Throws UsageError. */
export function parseWorkloadCommand(name: WorkloadCommandName, values: Values): WorkloadCommand {
  const operands = values.operands.slice(1);
  switch (name) {
    case "containers":
      noOperands(name, operands);
      return { do: name, json: values.has("json") };
    case "exec":
      return parseExec(values, operands);
    case "update":
      break;
  }
  return parseUpdate(values, operands);
}

function parseExec(values: Values, [container, ...command]: readonly string[]): WorkloadCommand {
  if (container === undefined) throw usage("exec", "the NAME of a container is missing");
  if (command.length === 0) throw usage("exec", "the command is missing, must be NAME -- CMD");
  const [isTty, isNotTty] = [values.has("tty"), values.has("no-tty")];
  if (isTty && isNotTty) throw usage("exec", "-t and -T exclude each other");
  return { do: "exec", container, command, tty: isTty ? true : isNotTty ? false : undefined };
}

function parseUpdate(values: Values, operands: readonly string[]): WorkloadCommand {
  const verb = oneVerb("update", WORKLOAD_COMMANDS.update.verbs, operands[0]);
  noOperands("update", operands.slice(1));
  const json = values.has("json");
  const [check, reboot] = [values.has("check"), values.has("reboot")];
  if (verb === "apply") return { do: "update", verb, check, reboot, json };
  if (check || reboot) throw usage("update", `--check and --reboot are for apply, not for ${verb}`);
  return { do: "update", verb, json };
}
