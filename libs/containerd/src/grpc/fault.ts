import { ContainerdError } from "../containerd-error.ts";
import { FrameError } from "./frame.ts";
import type { GrpcStatus } from "./status.ts";

export interface Fault {
  readonly status: GrpcStatus;
  readonly reason: string;
  /** Left out where the reason says all. */
  readonly cause?: Error;
}

/** What an error below gRPC means: of the socket, the connection or the stream. */
export function faultOf(error: unknown, socketPath: string): Fault {
  if (error instanceof FrameError) return { status: "internal", reason: error.message };
  const code = codeOf(error);
  const reason = SOCKET_REASONS[code];
  if (reason !== undefined) return { status: "unavailable", reason: reason(socketPath) };
  const cause = innermost(error);
  if (cause.message.includes("NGHTTP2_ENHANCE_YOUR_CALM"))
    return { status: "resource-exhausted", reason: "it asks for fewer calls", cause };
  return { status: "unavailable", reason: "the connection ended", cause };
}

/** Whether the server has said that nothing was done, so that the call may be made again. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof ContainerdError &&
    error.cause instanceof Error &&
    (error.cause.message.includes("NGHTTP2_REFUSED_STREAM") ||
      codeOf(error.cause) === "ERR_HTTP2_GOAWAY_SESSION")
  );
}

const SOCKET_REASONS: Readonly<Record<string, (socketPath: string) => string>> = {
  ENOENT: (path) => `there is no socket "${path}"`,
  ECONNREFUSED: (path) => `nobody listens at "${path}"`,
  EACCES: (path) => `"${path}" may not be opened`,
  ECONNRESET: () => "it closed the connection without an answer",
  EPIPE: () => "it closed the connection without an answer",
};

function codeOf(error: unknown): string {
  const cause = innermost(error);
  return "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

/** node:http2 puts what ended the session below what ended the stream. */
function innermost(error: unknown): Error {
  let inner = error instanceof Error ? error : new Error(String(error));
  while (inner.cause instanceof Error) inner = inner.cause;
  return inner;
}
