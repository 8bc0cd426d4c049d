import { noOperands, oneVerb, parseNumber, usage } from "./cli-checks.ts";
import type { BootstrapRequest, Command, ContextRequest, Shell } from "./command.ts";
import { connectionOf } from "./connection-cli.ts";
import { isContextName } from "./contexts/context-name.ts";
import { CREDENTIAL_COMMANDS } from "./credential-command-table.ts";
import type { Values } from "./values.ts";

const ROLES = ["reader", "operator", "admin"] as const;

export function parseBootstrap(values: Values): BootstrapRequest {
  const outDir = values.text("out");
  if (outDir === undefined || outDir === "") throw usage("bootstrap", "--out DIR is missing");
  const role = ROLES.find((known) => known === (values.text("role") ?? "admin"));
  if (role === undefined) throw usage("bootstrap", `--role must be one of ${ROLES.join(", ")}`);
  const context = values.text("context");
  return {
    outDir,
    names: values.texts("name"),
    role,
    days: parseNumber("bootstrap", "days", values.text("days") ?? "365", 1, 36_500),
    hostname: values.text("hostname"),
    port: parseNumber("bootstrap", "port", values.text("port") ?? "8443", 1, 65_535),
    force: values.has("force"),
    context: context === undefined ? undefined : goodName("bootstrap", context),
    json: values.has("json"),
  };
}

export function parseCerts(values: Values, operands: readonly string[]): Command {
  oneVerb("certs", CREDENTIAL_COMMANDS.certs.verbs, operands[0]);
  noOperands("certs", operands.slice(1));
  const connection = connectionOf(values);
  const days = parseNumber("certs", "days", values.text("days") ?? "365", 1, 36_500);
  return { do: "certs", connection, days, json: values.has("json") };
}

export function parseShell(operands: readonly string[]): Shell {
  const shell = oneVerb("completion", CREDENTIAL_COMMANDS.completion.verbs, operands[0]);
  noOperands("completion", operands.slice(1));
  return shell;
}

export function parseContext(values: Values, operands: readonly string[]): ContextRequest {
  const verb = oneVerb("context", CREDENTIAL_COMMANDS.context.verbs, operands[0]);
  const json = values.has("json");
  const [name, ...more] = operands.slice(1);
  noOperands("context", more);
  const remote = values.text("remote");
  const credentials = values.text("credentials");
  if (verb !== "add" && (remote ?? credentials) !== undefined)
    throw usage("context", `--remote and --credentials are for add, not for ${verb}`);
  switch (verb) {
    case "list":
      noOperands("context", name === undefined ? [] : [name]);
      return { verb, json };
    case "show":
      return { verb, name: name === undefined ? undefined : goodName("context", name), json };
    case "use":
    case "remove":
      return { verb, name: goodName("context", name), json };
    case "add":
      break;
  }
  if (remote === undefined || credentials === undefined || credentials === "")
    throw usage("context", "add needs --remote HOST[:PORT] and --credentials DIR");
  return { verb, name: goodName("context", name), remote, credentials, json };
}

function goodName(command: "bootstrap" | "context", name: string | undefined): string {
  if (name === undefined) throw usage(command, "the NAME of the context is missing");
  if (isContextName(name)) return name;
  throw usage(
    command,
    "the name of a context must be of 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit",
  );
}
