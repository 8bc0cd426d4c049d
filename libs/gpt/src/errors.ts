import { BallastError, EXIT, type BallastErrorOptions } from "@ballast/errors";

type GptErrorCode =
  | "gpt.bad-value"
  | "gpt.cannot-repair"
  | "gpt.disk-too-small"
  | "gpt.no-slots"
  | "gpt.no-valid-copy";

/** The data on the disk is not what it must be; programs end with 65. */
export class GptError extends BallastError<GptErrorCode> {
  constructor(code: GptErrorCode, message: string, options: BallastErrorOptions = {}) {
    super(code, message, { exitCode: EXIT.badData, ...options });
  }
}

type SlotErrorCode =
  | "gpt.duplicate-root-hash"
  | "gpt.fallback-needed"
  | "gpt.no-such-partition"
  | "gpt.slot-not-bootable"
  | "gpt.slot-not-cleared"
  | "gpt.slot-not-valid"
  | "gpt.slot-successful";

/** A command that the state of the slots does not allow; nothing was changed. Programs end with 1. */
export class SlotError extends BallastError<SlotErrorCode> {}
