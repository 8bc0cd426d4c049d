/** Bounds and rhythm of the protocol by which commands run in containers; both sides keep to them. */
export const EXEC_LIMITS = {
  /** Data messages of the client that the server has not acknowledged yet. */
  maxMessagesOutstanding: 1024,
  /** After so many more that were written to the command the server says so. */
  acknowledgeEvery: 128,
  /** Of one message, either way; the arguments of a command are one. */
  maxMessageBytes: 256 * 1024,
  /** Between two pings. */
  heartbeatMs: 2000,
  /** Nothing heard for so long: the other side is gone. */
  silenceMs: 10_000,
} as const;

/** Why a session was closed (RFC 6455, 7.4). Those from 4000 on are ours: an HTTP status and 4000. */
export const EXEC_CLOSE = {
  /** The command has ended; the reason is its exit code, as a decimal number. */
  normal: 1000,
  goingAway: 1001,
  invalid: 1007,
  policy: 1008,
  size: 1009,
  failed: 1011,
  noContainer: 4404,
  conflict: 4409,
} as const;

export type ExecCloseCode = (typeof EXEC_CLOSE)[keyof typeof EXEC_CLOSE];
