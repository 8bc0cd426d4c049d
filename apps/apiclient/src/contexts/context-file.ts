import * as fs from "node:fs";
import * as path from "node:path";
import { asRecord } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import { ApiclientError } from "../apiclient-error.ts";
import { isContextName } from "./context-name.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a machine is, and with what it is called. */
export interface Context {
  /** `HOST[:PORT]`. */
  readonly remote: string;
  /** Directory, absolute. */
  readonly credentials: string;
}

export interface Contexts {
  readonly current: string | undefined;
  readonly byName: ReadonlyMap<string, Context>;
}

const NONE: Contexts = { current: undefined, byName: new Map() };

/** XDG Base Directory Specification; undefined when nobody says where a user's files are, as in a unit of systemd. */
export function contextFile(env: Environment): string | undefined {
  const config = env["XDG_CONFIG_HOME"];
  // The specification wants relative paths to be passed over.
  if (config !== undefined && path.isAbsolute(config))
    return path.join(config, "ballast", "contexts.json");
  const home = env["HOME"] || undefined;
  return home === undefined ? undefined : path.join(home, ".config", "ballast", "contexts.json");
}

export function readContexts(env: Environment): Contexts {
  const file = contextFile(env);
  if (file === undefined) return NONE;
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (isMissing(cause)) return NONE;
    throw new ApiclientError("apiclient.bad-contexts", `Cannot read contexts "${file}"`, {
      cause,
      exitCode: EXIT.badConfig,
    });
  }
  return parseContexts(text, file);
}

/** Replaces the file as a whole (0600); its directory comes to be for this user alone. */
export function writeContexts(env: Environment, { current, byName }: Contexts): void {
  const file = contextFile(env);
  if (file === undefined)
    throw new ApiclientError(
      "apiclient.bad-contexts",
      "Cannot keep contexts: neither XDG_CONFIG_HOME nor HOME says where",
      { exitCode: EXIT.badConfig },
    );
  const text = JSON.stringify({ current, contexts: Object.fromEntries(byName) }, undefined, 2);
  try {
    // A file that is a link, for example into a repository of such files, stays one.
    const isThere = fs.existsSync(file);
    const target = isThere ? fs.realpathSync(file) : file;
    // What could not be read would be lost.
    if (isThere) fs.accessSync(target, fs.constants.R_OK);
    fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    replaceFile(target, `${text}\n`);
  } catch (cause) {
    throw new ApiclientError("apiclient.write", `Cannot write contexts "${file}"`, { cause });
  }
}

function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    const fd = fs.openSync(draft, "w", 0o600);
    try {
      fs.writeFileSync(fd, text);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(draft, file);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function parseContexts(text: string, file: string): Contexts {
  const root = parseRecord(text, file);
  const contexts = asRecord(root["contexts"] ?? {});
  const current = root["current"];
  if (contexts === undefined || (current !== undefined && typeof current !== "string"))
    throw badFile(file, 'it must have "contexts" and may have "current"');
  const byName = Object.entries(contexts).map(([name, value]) => {
    const { remote, credentials } = asRecord(value) ?? {};
    if (!isContextName(name) || typeof remote !== "string" || typeof credentials !== "string")
      throw badFile(file, `context "${name}" must have "remote" and "credentials"`);
    return [name, { remote, credentials }] as const;
  });
  return { current, byName: new Map(byName) };
}

function parseRecord(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const root = asRecord(JSON.parse(text));
    if (root !== undefined) return root;
  } catch {
    // The message of the parser quotes the text.
  }
  throw badFile(file, "it is not a JSON object");
}

function badFile(file: string, reason: string): ApiclientError {
  return new ApiclientError("apiclient.bad-contexts", `Cannot read contexts "${file}": ${reason}`, {
    exitCode: EXIT.badConfig,
    hint: "Mend or remove the file; --remote and --socket work without it.",
  });
}

/** A home that is none, or that a sandboxed unit may not look into, holds no contexts for it. */
const MISSING: readonly unknown[] = ["ENOENT", "ENOTDIR", "EACCES"];

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && MISSING.includes(error.code);
}
