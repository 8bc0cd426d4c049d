import { BallastError, EXIT, type ExitCode } from "@ballast/errors";
import type { GrpcStatus } from "./grpc/status.ts";

export type ContainerdErrorCode = `containerd.${GrpcStatus}`;

/** A call of containerd that failed. The code ends with the status of gRPC; `reason` is what containerd said. */
export class ContainerdError extends BallastError<ContainerdErrorCode> {
  readonly status: GrpcStatus;
  readonly reason: string;

  constructor(act: string, status: GrpcStatus, reason: string, options: { cause?: unknown } = {}) {
    const text = printable(reason);
    super(`containerd.${status}`, `Cannot ${act}: ${text || NO_REASON[status] || status}`, {
      ...options,
      details: { status },
      exitCode: EXIT_CODES[status] ?? EXIT.failed,
    });
    this.status = status;
    this.reason = text;
  }
}

export function isStatus(error: unknown, ...statuses: readonly GrpcStatus[]): boolean {
  return error instanceof ContainerdError && statuses.includes(error.status);
}

const NO_REASON: Partial<Record<GrpcStatus, string>> = {
  "not-found": "it does not exist",
  "already-exists": "it exists already",
};

const EXIT_CODES: Partial<Record<GrpcStatus, ExitCode>> = {
  unavailable: EXIT.unavailable,
  "deadline-exceeded": EXIT.unavailable,
  aborted: EXIT.tryAgain,
  "permission-denied": EXIT.noPermission,
  "invalid-argument": EXIT.badData,
};

const REASON_MAX_LENGTH = 2000;

/** containerd repeats what registries and images say: no control characters, and not without end. */
function printable(text: string): string {
  const shown = text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\u${code.toString(16).padStart(4, "0")}`;
    })
    .trim();
  return shown.length > REASON_MAX_LENGTH ? `${shown.slice(0, REASON_MAX_LENGTH)}…` : shown;
}
