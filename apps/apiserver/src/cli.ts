import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export interface ServeCommand {
  readonly kind: "serve";
  readonly socket: string | undefined;
  readonly database: string | undefined;
  readonly root: string;
}

export interface ConfigureCommand {
  readonly kind: "configure";
  readonly socket: string;
  readonly root: string;
  readonly retryMs: number;
  /** Of 127.0.0.1, in the place of EC2's metadata service. */
  readonly metadataPort: number | undefined;
}

export type Command =
  | ServeCommand
  | ConfigureCommand
  | { readonly kind: "help" }
  | { readonly kind: "version" };

export const SOCKET = "/run/ballast/api.sock";
const HINT = "See apiserver --help.";

const OPTIONS = {
  socket: { type: "string" },
  database: { type: "string" },
  root: { type: "string" },
  "retry-seconds": { type: "string" },
  "metadata-port": { type: "string" },
  help: { type: "boolean" },
  version: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const [name = "serve", extra] = positionals;
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}"`, HINT);
  if (name === "serve") return serve(values);
  if (name === "configure") return configure(values);
  throw new UsageError(`Unknown command "${name}"`, HINT);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), HINT);
  }
}

function serve(values: Values): ServeCommand {
  refuse(values, "retry-seconds", "serve");
  refuse(values, "metadata-port", "serve");
  return {
    kind: "serve",
    socket: values.socket,
    database: values.database,
    root: values.root ?? "/",
  };
}

function configure(values: Values): ConfigureCommand {
  refuse(values, "database", "configure");
  return {
    kind: "configure",
    socket: values.socket ?? SOCKET,
    root: values.root ?? "/",
    retryMs: seconds(values["retry-seconds"] ?? "10") * 1000,
    metadataPort: port(values["metadata-port"]),
  };
}

function refuse(values: Values, option: keyof Values, command: string): void {
  if (values[option] !== undefined)
    throw new UsageError(`Command "${command}" does not take --${option}`, HINT);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value === 0 || value > 3600)
    throw new UsageError(`--retry-seconds must be a number from 0 to 3600, is "${text}"`, HINT);
  return value;
}

function port(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[1-9]\d{0,4}$/.test(text) || value > 65_535)
    throw new UsageError(`--metadata-port must be a number from 1 to 65535, is "${text}"`, HINT);
  return value;
}
