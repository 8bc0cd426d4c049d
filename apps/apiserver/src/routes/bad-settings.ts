import { apiKey, type Change, type PatchResult } from "@ballast/model";
import { ApiError, type ApiErrorCode } from "../api-error.ts";
import { didYouMean } from "./did-you-mean.ts";

const NOT_KNOWN = "is not a known setting";

/** The changes of a good patch; a bad one is refused with every key and reason, never a value. */
export function goodChanges(
  patch: PatchResult,
  what: string,
  code: ApiErrorCode = "apiserver.bad-settings",
): readonly Change[] {
  if (patch.ok) return patch.changes;
  const issues = patch.issues.map(({ key, reason }) => ({
    key: printable(key === "settings" ? key : apiKey(key)),
    reason,
  }));
  const sentence = issues
    .slice(0, 5)
    .map(({ key, reason }) => `"${key}" ${reason}`)
    .join("; ");
  const unknown = patch.issues.find(({ reason }) => reason === NOT_KNOWN);
  throw new ApiError(code, `${what}: ${sentence}`, {
    details: { issues: issues.slice(0, 100) },
    ...(unknown === undefined ? {} : didYouMean(unknown.key)),
  });
}

export function printable(key: string): string {
  return key.slice(0, 200).replaceAll(/\p{Cc}/gu, "?");
}
