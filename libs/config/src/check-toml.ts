import { joinKey, splitKey } from "@ballast/model";
import { parse, TomlError } from "smol-toml";
import { checkSettings } from "./check-settings.ts";
import { keyLines, type KeyLines } from "./key-lines.ts";

/** What a machine would refuse, and where it stands in the document. */
export interface Finding {
  readonly line: number;
  readonly column?: number;
  /** Absent when the document is not TOML. */
  readonly key?: string;
  readonly reason: string;
}

/** Checks user data without a machine: all findings, by line; none means that a machine takes it. */
export function checkToml(text: string): Finding[] {
  const document = parseToml(text);
  if (!document.ok) return [document.finding];
  const lines = keyLines(text, joinKey);
  const { settings = {}, ...others } = document.value;
  const issues = [
    ...Object.keys(others).map((name) => ({
      key: joinKey([name]),
      reason: 'is not known at the top level, only "settings" is',
    })),
    ...checkSettings(settings),
  ];
  return issues
    .map(({ key, reason }) => ({ line: lineOf(key, lines), key, reason }))
    .toSorted((one, other) => one.line - other.line);
}

type Parsed =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly finding: Finding };

function parseToml(text: string): Parsed {
  try {
    return { ok: true, value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with an excerpt of the text, which may hold a secret.
    const [reason = "cannot be parsed"] = error.message.split("\n", 1);
    return { ok: false, finding: { line: error.line, column: error.column, reason } };
  }
}

/** What is missing stands nowhere: then it is the line of what it is missing in. */
function lineOf(key: string, lines: KeyLines): number {
  const segments = splitKey(key) ?? [key];
  for (let length = segments.length; length > 0; length -= 1) {
    const line = lines.get(joinKey(segments.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}
