import { isSecret, type FlatSettings } from "@ballast/model";

const VALUE_MIN_LENGTH = 4;
/** Of a line within a secret: shorter ones are words that stand everywhere. */
const LINE_MIN_LENGTH = 12;
const MAX_TEXTS = 4000;

/**
 * Texts that give a secret setting away, longest first: its value, each of its lines, and what it is when it is written into
 * JSON or a URL, or read as base64. Shorter values than 4 characters cannot be told from ordinary text.
 */
export function secretTexts(effective: FlatSettings): string[] {
  const texts = new Set<string>();
  for (const [key, value] of effective)
    if (isSecret(key))
      for (const text of stringsIn(value)) for (const form of formsOf(text)) texts.add(form);
  return [...texts].toSorted((left, right) => right.length - left.length).slice(0, MAX_TEXTS);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

function formsOf(text: string): string[] {
  const whole = text.trim();
  const values = [
    whole,
    JSON.stringify(whole).slice(1, -1),
    encodeURIComponent(whole.toWellFormed()),
  ];
  const lines = [...linesOf(whole), ...linesOf(decoded(whole))];
  return [
    ...values.filter((value) => value.length >= VALUE_MIN_LENGTH && !value.includes("\n")),
    ...lines.filter((line) => line.length >= LINE_MIN_LENGTH && !line.startsWith("-----")),
  ];
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim());
}

/** The text that base64 stands for, if it is such and is text. */
function decoded(text: string): string {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(text)) return "";
  const inner = Buffer.from(text, "base64").toString("utf8");
  return inner.includes("\uFFFD") ? "" : inner;
}
