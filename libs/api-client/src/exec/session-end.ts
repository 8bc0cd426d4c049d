import { EXEC_CLOSE } from "@ballast/model/exec";
import { ApiClientError, ApiError } from "../errors.ts";
import { safeText } from "../safe-text.ts";

const FIRST_OWN_CODE = 4000;

/** The exit code of the command, or the error that such an end is. */
export function sessionEnd(code: number, text: string): number | ApiClientError | ApiError {
  const reason = safeText(text);
  if (code === EXEC_CLOSE.normal && /^\d{1,3}$/.test(reason)) return Number(reason);
  if (code >= FIRST_OWN_CODE)
    return new ApiError(code - FIRST_OWN_CODE, "exec.refused", reason, undefined);
  if (code === EXEC_CLOSE.failed || code === EXEC_CLOSE.goingAway)
    return new ApiClientError("api-client.unreachable", `The command was lost: ${reason}`);
  if (code === CUT)
    return new ApiClientError(
      "api-client.unreachable",
      "The command was lost: the connection was cut",
      { hint: "The machine ends a command whose client is gone." },
    );
  return new ApiClientError(
    "api-client.bad-answer",
    `The command was lost: the machine ended the connection with ${code} "${reason}"`,
  );
}

/** What ws says of a connection that ended without a close frame (RFC 6455, 7.1.5). */
const CUT = 1006;
