import type * as z from "zod";
import { ApiError, type ApiErrorCode } from "../api-error.ts";

/** The query as a table; a name given twice is ambiguous and refused. */
export function queryTable(search: string): Record<string, string> {
  const parameters = new URLSearchParams(search);
  const table = Object.fromEntries(parameters);
  if (Object.keys(table).length !== parameters.size)
    throw new ApiError("apiserver.bad-query", "A query parameter must be given once");
  return table;
}

/** Checks against a schema; the message names the place and the rule, never what was sent. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: ApiErrorCode,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    key: [
      ...issue.path.map(String),
      ...(issue.code === "unrecognized_keys" ? issue.keys : []),
    ].join("."),
    reason: issue.code === "unrecognized_keys" ? "is not known" : lowerFirst(issue.message),
  }));
  const first = issues[0];
  const at = first === undefined || first.key === "" ? "" : ` "${first.key}"`;
  throw new ApiError(code, `${what}${at} is bad: ${first?.reason ?? "invalid"}`, {
    details: { issues },
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
