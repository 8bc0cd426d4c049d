import type { Call } from "@ballast/api-client";
import { atMostOne, noOperands, parseNumber, usage } from "./cli-checks.ts";
import type { ApiCommand } from "./command.ts";
import { commitFlags } from "./settings-cli.ts";
import type { Values } from "./values.ts";

const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"] as const;

export function parseGet(values: Values, operands: readonly string[]): ApiCommand {
  const json = values.has("json");
  const [first, ...more] = operands;
  if (!operands.some((word) => word.startsWith("/")))
    return { do: "get", prefixes: operands, json };
  if (first === undefined || more.length > 0)
    throw usage("get", "a path of the API stands alone, without prefixes or a second path");
  return { do: "get-uri", uri: first, json };
}

export function parseSet(values: Values, pairs: readonly string[]): ApiCommand {
  const text = values.text("from-json");
  const flags = commitFlags("set", values);
  if (text !== undefined && pairs.length > 0)
    throw usage("set", "KEY=VALUE and -j exclude each other");
  if (text === "-") return { do: "set", values: { from: "stdin" }, flags };
  if (text !== undefined) return { do: "set", values: { from: "json", text }, flags };
  if (pairs.length === 0) throw usage("set", "nothing to set, must be KEY=VALUE or -j JSON");
  // Only the key is named: the value may be a secret.
  for (const [index, pair] of pairs.entries())
    if (pair.indexOf("=") < 1) throw usage("set", `argument ${index + 1} is not KEY=VALUE`);
  return { do: "set", values: { from: "pairs", pairs }, flags };
}

export function parseHealth(values: Values): ApiCommand {
  const wait = parseNumber("health", "wait", values.text("wait") ?? "0", 0, 86_400);
  return { do: "health", json: values.has("json"), waitMs: wait * 1000 };
}

export function parseLogs(values: Values, operands: readonly string[]): ApiCommand {
  const container = atMostOne("logs", operands);
  const [unit, lines, since] = [values.text("unit"), values.text("lines"), values.text("since")];
  const timestamps = values.has("timestamps");
  if (container !== undefined && unit !== undefined)
    throw usage("logs", "--unit is for the journal, without the NAME of a container");
  if (container === undefined && since !== undefined)
    throw usage("logs", "--since needs the NAME of a container");
  if (container === undefined && timestamps)
    throw usage("logs", "--timestamps needs the NAME of a container");
  return {
    do: "logs",
    container,
    follow: values.has("follow"),
    unit,
    lines: lines === undefined ? undefined : parseNumber("logs", "lines", lines, 0, 999_999),
    since,
    timestamps,
    json: values.has("json"),
  };
}

export function parseRaw(values: Values, operands: readonly string[]): Call {
  noOperands("raw", operands);
  const uri = values.text("uri");
  if (uri?.startsWith("/") !== true || /[\s\p{Cc}]/u.test(uri))
    throw usage("raw", "--uri must be a path of the API that begins with /");
  const name = (values.text("method") ?? "GET").toUpperCase();
  const method = METHODS.find((known) => known === name);
  if (method === undefined) throw usage("raw", `--method must be one of ${METHODS.join(", ")}`);
  const data = values.text("data");
  return { method, path: uri, ...(data === undefined ? {} : { body: parseData(data) }) };
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the cause: its message quotes the text, which may hold a secret.
    throw usage("raw", "--data must be JSON");
  }
}
