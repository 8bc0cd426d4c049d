import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import type { SlotName } from "@ballast/gpt";
import type { HelpTopic } from "./help.ts";

export interface StatusCommand {
  readonly do: "status";
  readonly device: string | undefined;
  readonly json: boolean;
}

/** `target` undefined: the active slot of this machine. */
export interface MarkCommand {
  readonly do: "mark-successful-boot";
  readonly target: { readonly device: string; readonly slot: SlotName } | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export type Command =
  | { readonly do: "help"; readonly topic: HelpTopic }
  | { readonly do: "version" }
  | StatusCommand
  | MarkCommand;

type Values = ReturnType<typeof parse>["values"];

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, ...extra] = positionals;
  if (values.version === true) return { do: "version" };
  if (values.help === true && name === undefined) return { do: "help", topic: "signpost" };
  if (name !== "status" && name !== "mark-successful-boot")
    throw usageError(
      name === undefined
        ? "Cannot run signpost: no command given"
        : `Cannot run "${name}": no such command`,
    );
  if (values.help === true) return { do: "help", topic: name };
  if (extra[0] !== undefined)
    throw usageError(`Cannot run signpost ${name}: unexpected argument "${extra[0]}"`);
  return name === "status" ? statusCommand(values) : markCommand(values);
}

function statusCommand(values: Values): StatusCommand {
  if (values.slot !== undefined)
    throw usageError("Cannot run signpost status: --slot is of no use");
  if (values["dry-run"] === true)
    throw usageError("Cannot run signpost status: --dry-run is of no use, it never writes");
  return { do: "status", device: values.device, json: values.json === true };
}

function markCommand(values: Values): MarkCommand {
  const { device, slot } = values;
  const target = device === undefined ? undefined : { device, slot: parseSlot(slot) };
  if (target === undefined && slot !== undefined)
    throw usageError(
      "Cannot run signpost mark-successful-boot: --slot needs --device, on this machine it is the active slot",
    );
  return {
    do: "mark-successful-boot",
    target,
    dryRun: values["dry-run"] === true,
    json: values.json === true,
  };
}

function parseSlot(text: string | undefined): SlotName {
  if (text === "A" || text === "B") return text;
  throw usageError(
    text === undefined
      ? "Cannot run signpost mark-successful-boot: --device needs --slot A or --slot B"
      : `Cannot run signpost mark-successful-boot: --slot is "${text}", must be A or B`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        device: { type: "string" },
        slot: { type: "string" },
        json: { type: "boolean" },
        "dry-run": { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw usageError(`Cannot run signpost: ${reason}`);
  }
}

function usageError(message: string): UsageError {
  return new UsageError(message, 'See "signpost --help".');
}
