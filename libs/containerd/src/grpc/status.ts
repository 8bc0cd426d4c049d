import type { IncomingHttpHeaders } from "node:http2";

/** The status codes of gRPC by their numbers; 0 is success. */
const STATUS_NAMES = [
  "ok",
  "cancelled",
  "unknown",
  "invalid-argument",
  "deadline-exceeded",
  "not-found",
  "already-exists",
  "permission-denied",
  "resource-exhausted",
  "failed-precondition",
  "aborted",
  "out-of-range",
  "unimplemented",
  "internal",
  "unavailable",
  "data-loss",
  "unauthenticated",
] as const;

export type GrpcStatus = Exclude<(typeof STATUS_NAMES)[number], "ok">;

export interface StatusReport {
  readonly status: "ok" | GrpcStatus;
  readonly message: string;
}

/** What the CRI of a containerd that listens already says until it has looked at its containers, without a status of its own. */
const STILL_STARTING = "server is not initialized yet";

/** Reads what a stream ended with: of its trailers or, of an answer without a message, of its headers. */
export function statusOf(headers: IncomingHttpHeaders): StatusReport {
  const { "grpc-status": code, "grpc-message": text } = headers;
  // Number(undefined) and Number("x") are no index.
  const status = STATUS_NAMES[Number(code)] ?? "unknown";
  if (code === undefined) return { status, message: "it ended the answer without a status" };
  const message = typeof text === "string" ? decodeMessage(text) : "";
  return { status: message === STILL_STARTING ? "unavailable" : status, message };
}

/** A proxy or another server than gRPC's: what its HTTP status means for the call. */
export function statusOfHttp(httpStatus: number): StatusReport {
  const status = HTTP_STATUSES[httpStatus] ?? "unknown";
  return { status, message: `it answered HTTP ${httpStatus}` };
}

const HTTP_STATUSES: Readonly<Record<number, GrpcStatus>> = {
  400: "internal",
  401: "unauthenticated",
  403: "permission-denied",
  404: "unimplemented",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** Percent-encoded UTF-8; what is no such code stays as it is, as gRPC asks of readers. */
export function decodeMessage(text: string): string {
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
