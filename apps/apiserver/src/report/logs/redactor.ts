import { REDACTION_RULES, SECRET_NAME } from "./redaction-rules.ts";

/** Takes the lines of one file in their order; keeps what it must know of the lines before. */
export interface Redactor {
  line(text: string): string;
  /** The same for all texts of what becomes JSON, so that it stays JSON. */
  json(value: unknown): unknown;
  /** How many lines were changed. */
  readonly count: () => number;
}

/** A key of 16384 bits has 200 lines; a beginning without an end must not hide the whole journal. */
const KEY_MAX_LINES = 220;
const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const KEY_END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;

/** `secrets` are texts that may stand nowhere. */
export function createRedactor(secrets: readonly string[]): Redactor {
  let keyLinesLeft = 0;
  let count = 0;
  const withoutKeys = (line: string): string => {
    let rest = line;
    let kept = "";
    for (;;) {
      if (keyLinesLeft > 0) {
        const end = KEY_END.exec(rest);
        if (end === null) {
          keyLinesLeft -= 1;
          return kept === "" ? keyLine(rest) : kept;
        }
        keyLinesLeft = 0;
        rest = rest.slice(end.index + end[0].length);
        if (kept === "") kept = mark("private key");
      }
      const begin = KEY_BEGIN.exec(rest);
      if (begin === null) return `${kept}${rest}`;
      kept += `${rest.slice(0, begin.index)}${mark("private key")}`;
      rest = rest.slice(begin.index + begin[0].length);
      keyLinesLeft = KEY_MAX_LINES;
    }
  };
  const redact = (text: string): string => {
    let line = withoutKeys(text);
    for (const secret of secrets)
      if (line.includes(secret)) line = line.replaceAll(secret, mark("secret setting"));
    line = byRules(line);
    if (line !== text) count += 1;
    return line;
  };
  const member = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== "string" || value === "" || !SECRET_NAME.test(name))
      return [redact(name), json(value)];
    count += 1;
    return [redact(name), mark("secret")];
  };
  const json = (value: unknown): unknown => {
    if (typeof value === "string") return value.split("\n").map(redact).join("\n");
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(member));
  };
  return { line: redact, json, count: () => count };
}

/** Within a key other programs may log between its lines: only what can be a part of it goes. */
function keyLine(line: string): string {
  return line.replace(/[A-Za-z0-9+/=]{4,}\s*(?:["'\\,]*)$/, mark("private key"));
}

function byRules(text: string): string {
  let line = text;
  const lower = text.toLowerCase();
  for (const { kind, hints, pattern, keep } of REDACTION_RULES)
    if (hints.some((hint) => lower.includes(hint)))
      line = line.replaceAll(pattern, (...match) =>
        keep(
          match.slice(0, -2).map((part) => (typeof part === "string" ? part : "")),
          mark(kind),
        ),
      );
  return line;
}

function mark(kind: string): string {
  return `[redacted ${kind}]`;
}
