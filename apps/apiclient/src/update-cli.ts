import type { UpdateRequest } from "@ballast/model";
import { noOperands, oneVerb, usage } from "./cli-checks.ts";
import { parseInhibit, parseRelease } from "./inhibit-cli.ts";
import { UPDATE_COMMANDS } from "./update-command-table.ts";
import type { UpdateCommand } from "./update-command.ts";
import type { Values } from "./values.ts";

type Verb = (typeof UPDATE_COMMANDS.update.verbs)[number];

/** Which verbs an option is for. */
const TAKEN_BY: Readonly<Record<string, readonly Verb[]>> = {
  version: ["plan", "apply"],
  force: ["plan", "apply"],
  "ignore-waves": ["check", "plan", "apply"],
  bundle: ["apply"],
  "ignore-expiry": ["apply"],
  "prepare-only": ["apply"],
  reboot: ["apply", "activate"],
  check: ["apply"],
  watch: ["status"],
  why: ["inhibit"],
  for: ["inhibit"],
};

/** Throws UsageError. */
export function parseUpdate(values: Values): UpdateCommand {
  const [word, ...rest] = values.operands.slice(1);
  if (word === "rollback")
    throw usage("update", "a version that runs is left with apiclient rollback");
  const verb = oneVerb("update", UPDATE_COMMANDS.update.verbs, word);
  if (verb !== "inhibit" && verb !== "release") noOperands("update", rest);
  for (const [name, verbs] of Object.entries(TAKEN_BY))
    if ((values.has(name) || values.text(name) !== undefined) && !verbs.includes(verb))
      throw usage("update", `--${name} is for ${verbs.join(" and ")}, not for ${verb}`);
  const json = values.has("json");
  switch (verb) {
    case "check":
      return { do: "update", verb, ignoreWaves: values.has("ignore-waves"), json };
    case "plan":
      return { do: "update", verb, request: requestOf(values), json };
    case "apply":
      return parseApply(values);
    case "activate":
      return { do: "update", verb, reboot: values.has("reboot"), json };
    case "inhibit":
      return parseInhibit(values, rest);
    case "release":
      return parseRelease(values, rest);
    case "cancel":
      return { do: "update", verb, json };
    case "status":
      break;
  }
  return { do: "update", verb, watch: values.has("watch"), json };
}

function parseApply(values: Values): UpdateCommand {
  const bundle = values.text("bundle");
  const ignoreExpiry = values.has("ignore-expiry");
  const [prepareOnly, reboot] = [values.has("prepare-only"), values.has("reboot")];
  if (ignoreExpiry && bundle === undefined)
    throw usage("update", "--ignore-expiry is only for a --bundle");
  if (prepareOnly && reboot)
    throw usage("update", "--prepare-only and --reboot exclude each other");
  return {
    ...{ do: "update", verb: "apply", bundle, prepareOnly, reboot, json: values.has("json") },
    request: {
      ...requestOf(values),
      ...(bundle === undefined ? {} : { bundle: true }),
      ...(ignoreExpiry ? { ignore_expiry: true } : {}),
    },
  };
}

function requestOf(values: Values): UpdateRequest {
  const version = values.text("version")?.replace(/^v(?=\d)/, "");
  return {
    ...(version === undefined ? {} : { version }),
    ...(values.has("force") ? { force: true } : {}),
    ...(values.has("ignore-waves") ? { ignore_waves: true } : {}),
  };
}
