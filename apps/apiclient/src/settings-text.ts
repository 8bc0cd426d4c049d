import { asRecord } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import { ApiclientError } from "./apiclient-error.ts";

/** Nested settings of TOML or JSON, with or without the outer table `settings`. `what` names the text in errors. */
export async function parseSettings(text: string, what: string): Promise<unknown> {
  const value = text.trimStart().startsWith("{")
    ? parseJson(text, what)
    : await parseToml(text, what);
  return withoutOuterTable(value, what);
}

export function parseJsonSettings(text: string, what: string): unknown {
  return withoutOuterTable(parseJson(text, what), what);
}

function withoutOuterTable(value: unknown, what: string): unknown {
  const settings = asRecord(value);
  if (settings === undefined)
    throw new ApiclientError(
      "apiclient.bad-json",
      `Cannot set settings: ${what} is not an object`,
      { exitCode: EXIT.badData },
    );
  const inner = asRecord(settings["settings"]);
  return inner !== undefined && Object.keys(settings).length === 1 ? inner : settings;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the cause: its message quotes the text, which may hold a secret.
    throw new ApiclientError("apiclient.bad-json", `Cannot set settings: ${what} is not JSON`, {
      exitCode: EXIT.badData,
    });
  }
}

async function parseToml(text: string, what: string): Promise<unknown> {
  // Loaded only here: most commands need no TOML.
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with an excerpt of the text, which may hold a secret.
    const [sentence = "cannot be parsed"] = error.message.split("\n", 1);
    throw new ApiclientError(
      "apiclient.bad-toml",
      `Cannot set settings: ${what}, line ${error.line}, column ${error.column}: ${sentence}`,
      { exitCode: EXIT.badData },
    );
  }
}
