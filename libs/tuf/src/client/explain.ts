import { LengthOrHashMismatchError, UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import {
  BadVersionError,
  DownloadLengthMismatchError,
  ExpiredMetadataError,
} from "tuf-js/dist/error.js";
import { describeError } from "@ballast/errors";
import { TufError, type TufErrorCode } from "../errors.ts";

/** What tuf-js says, by who must act. */
export function explain(error: unknown, act: string): TufError {
  // What our fetcher or our rules said stays what it was.
  if (error instanceof TufError)
    return new TufError(error.code, `${act}: ${error.message}`, { cause: error.cause });
  const code = codeOf(error);
  return new TufError(code, `${act}: ${describeError(error)}`, {
    cause: error,
    ...(code === "tuf.expired"
      ? {
          hint: "Nobody signed it lately: it is out of date, somebody shows an old state of it, or the clock is wrong.",
        }
      : {}),
  });
}

function codeOf(error: unknown): TufErrorCode {
  if (error instanceof ExpiredMetadataError) return "tuf.expired";
  if (error instanceof BadVersionError) return "tuf.rollback";
  if (error instanceof UnsignedMetadataError) return "tuf.threshold";
  if (error instanceof LengthOrHashMismatchError) return "tuf.wrong-content";
  if (error instanceof DownloadLengthMismatchError) return "tuf.too-long";
  return "tuf.bad-metadata";
}
