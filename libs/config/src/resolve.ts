import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EXIT } from "@ballast/errors";
import { joinKey } from "@ballast/model";
import { ConfigError } from "./config-error.ts";
import { isDeferred, isFile, type Deferred, type DeferredFile } from "./deferred.ts";

/** Where deferred texts come from. */
export interface Sources {
  /** Relative paths of `fromFile` start here. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const MAX_DEPTH = 64;

/** The value with every deferred text fetched, and without members that are undefined. The path is that of its key. */
export function resolveDeferred(
  value: unknown,
  sources: Sources,
  path: readonly string[] = ["settings"],
): unknown {
  if (isDeferred(value)) return fetchText(value, sources, joinKey(path));
  if (Array.isArray(value)) return value.map((entry) => resolveDeferred(entry, sources, path));
  // A table that holds itself has no end; the check of the settings refuses the depth.
  if (!isPlainTable(value) || path.length > MAX_DEPTH) return value;
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => [name, resolveDeferred(inner, sources, [...path, name])]);
  return Object.fromEntries(members);
}

function fetchText(deferred: Deferred, sources: Sources, key: string): string {
  if (isFile(deferred)) return readText(deferred, sources, key);
  const text = sources.env[deferred.name];
  if (text !== undefined) return text;
  throw new ConfigError(
    "config.no-source",
    `Cannot read variable "${deferred.name}" for ${key}: it is not set`,
    { exitCode: EXIT.badData },
  );
}

function readText({ path, encoding }: DeferredFile, sources: Sources, key: string): string {
  const bytes = readBytes(path, sources, key);
  if (encoding === "base64") return bytes.toString("base64");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new ConfigError("config.no-source", `Cannot read "${path}" for ${key}: it is not UTF-8`, {
      cause,
      hint: 'fromFile(path, { encoding: "base64" }) takes any bytes.',
      exitCode: EXIT.badData,
    });
  }
}

function readBytes(path: string, { directory }: Sources, key: string): Buffer {
  try {
    return readFileSync(resolve(directory, path));
  } catch (cause) {
    throw new ConfigError("config.no-source", `Cannot read "${path}" for ${key}`, {
      cause,
      exitCode: EXIT.badData,
    });
  }
}

/** Of a class instance nothing is known: the schema refuses it with the name of its key. */
function isPlainTable(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
