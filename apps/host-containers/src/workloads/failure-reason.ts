import { describeError } from "@ballast/errors";

const MAX_LENGTH = 1000;

/** What went wrong, for people: without what a URL may carry to prove who asks. */
export function failureReason(error: unknown): string {
  const text = describeError(error)
    .replaceAll(/:\/\/[^/\s"@]+@/g, "://")
    .replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]*/g, "$1");
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
