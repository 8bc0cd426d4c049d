import { ApiClientError } from "./errors.ts";
import { asRecord } from "./json.ts";

/** What an answer must hold; anything else is an answer that cannot be read. */
export function reasonOf(value: unknown): { reason?: string } {
  return value === undefined ? {} : { reason: oneText(value, "reason") };
}

export function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  return asRecord(value) ?? fail(what, "an object");
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(what, "a list");
}

export function textsOf(value: unknown, what: string): string[] {
  return listOf(value, what).map((text) => oneText(text, what));
}

export function oneText(value: unknown, what: string): string {
  return typeof value === "string" ? value : fail(what, "a text");
}

export function oneOf<Value extends string>(
  value: unknown,
  all: readonly Value[],
  what: string,
): Value {
  return all.find((known) => known === value) ?? fail(what, `one of ${all.join(", ")}`);
}

export function textOrNull(value: unknown, what: string): string | null {
  return value === null ? null : oneText(value, what);
}

export function oneNumber(value: unknown, what: string): number {
  return typeof value === "number" ? value : fail(what, "a number");
}

export function yesOrNo(value: unknown, what: string): boolean {
  return typeof value === "boolean" ? value : fail(what, "true or false");
}

function fail(what: string, expected: string): never {
  throw new ApiClientError(
    "api-client.bad-answer",
    `Cannot read the answer: ${what} must be ${expected}`,
    { hint: "Are the client and the machine of versions that fit each other?" },
  );
}
