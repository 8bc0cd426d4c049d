import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import { MAX_LOG_BYTES } from "./logs/log-rotation.ts";
import { PLACES, type Places } from "./places.ts";

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | { readonly do: "bootstrap" }
  | { readonly do: "drain"; readonly socket: string; readonly config: string }
  | { readonly do: "run"; readonly places: Places; readonly maxLogBytes: number };

const HINT = 'See "host-containers --help".';

const OPTIONS = {
  config: { type: "string" },
  socket: { type: "string" },
  volumes: { type: "string" },
  logs: { type: "string" },
  state: { type: "string" },
  archives: { type: "string" },
  "max-log-bytes": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { do: "help" };
  if (values.version === true) return { do: "version" };
  const [name, extra] = positionals;
  if (name === undefined) throw refusal("no command given");
  if (name === "bootstrap" && extra === undefined) return { do: "bootstrap" };
  if (name !== "run" && name !== "drain") throw refusal(`there is no command "${name}"`);
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  const { config, socket, volumes, logs, state, archives } = { ...PLACES, ...values };
  const relative = [config, socket, volumes, logs, state, archives].find(
    (path) => !path.startsWith("/"),
  );
  if (relative !== undefined) throw refusal(`"${relative}" is not an absolute path`);
  if (name === "drain") return { do: "drain", socket, config };
  const maxLogBytes = parseBytes(values["max-log-bytes"]) ?? MAX_LOG_BYTES;
  const places = { ...PLACES, config, socket, volumes, logs, state, archives };
  return { do: "run", places, maxLogBytes };
}

function parseBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Fifteen digits are exact as a number.
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refusal(`"${text}" is not a number of bytes`);
  return Number(text);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    throw refusal(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function refusal(reason: string): UsageError {
  return new UsageError(`Cannot run host-containers: ${reason}`, HINT);
}
