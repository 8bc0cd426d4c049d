import { describeError, BallastError } from "@ballast/errors";

/** Syslog priorities of the five verbs; journald reads the `<N>` prefix (sd-daemon(3)). */
const PRIORITY = { error: 3, warn: 4, notice: 5, info: 6, debug: 7 } as const;
export type LogLevel = keyof typeof PRIORITY;

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line per event. The message is a fixed sentence, what varies is a field. Never a setting's value. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  notice(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  /** Whether stderr is the journal: then lines carry the priority prefix. */
  readonly journal: boolean;
  readonly level?: LogLevel;
}

export function createLog(options: LogOptions): Log {
  const limit = PRIORITY[options.level ?? "info"];
  const emit =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (PRIORITY[level] > limit) return;
      const prefix = options.journal ? `<${PRIORITY[level]}>` : `${level}: `;
      options.write(`${prefix}${message}${formatFields(fields)}\n`);
    };
  return {
    error: emit("error"),
    warn: emit("warn"),
    notice: emit("notice"),
    info: emit("info"),
    debug: emit("debug"),
  };
}

/** The fields under which an error is logged: its code and its whole chain of reasons, once. */
export function errorFields(error: unknown): LogFields {
  return {
    ...(error instanceof BallastError ? { code: error.code } : {}),
    reason: describeError(error),
  };
}

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${formatValue(String(value))}`)
    .join("");
}

/** A value with blanks, quotes or control characters is quoted, so that one event stays one line. */
function formatValue(value: string): string {
  return /^[\w./:@+,-]+$/.test(value) ? value : JSON.stringify(value);
}
