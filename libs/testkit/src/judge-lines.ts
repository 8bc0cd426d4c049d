import type { AllowedLine } from "./allowed-lines.ts";

/** One record of the journal, as far as it is judged. */
export interface JournalLine {
  /** Syslog priority: 3 is error, 4 is warning. */
  readonly priority: number;
  readonly isKernel: boolean;
  /** Unit or identifier from which it comes. */
  readonly source: string;
  readonly message: string;
}

/** Signs of trouble on a console, whose lines have no level. */
const CONSOLE_TROUBLE: readonly RegExp[] = [
  // Of what carries the kernel's time the command line (loglevel=4) lets only errors come to the console.
  /^\[ *\d+\.\d{6}\] /,
  /Kernel panic/,
  /\bBUG:/,
  /\bOops\b/,
  /Call Trace:/,
  /WARNING: CPU/,
  /\[FAILED\]/,
  /\[DEPEND\]/,
  /\[ TIME \]/,
  /\[ASSERT\]/,
  /device-mapper: verity.*corrupted/,
  /Out of memory/,
  /segfault at/,
  // There is nobody who could log in.
  /\blogin:/i,
  /Give root password/,
];

/** Kernel lines are unexpected from "warning" on, all others from "error" on. Gives those without an excuse. */
export function judgeJournal(
  lines: readonly JournalLine[],
  allowed: readonly AllowedLine[],
): readonly string[] {
  return lines
    .filter(({ priority, isKernel }) => priority <= (isKernel ? 4 : 3))
    .filter(({ message }) => !isAllowed(message, allowed))
    .map(({ source, priority, message }) => `journal: ${source}<${priority}>: ${message}`);
}

export function judgeConsole(
  lines: readonly string[],
  allowed: readonly AllowedLine[],
): readonly string[] {
  return lines
    .filter((line) => CONSOLE_TROUBLE.some((trouble) => trouble.test(line)))
    .filter((line) => !isAllowed(line, allowed))
    .map((line) => `console: ${line}`);
}

/** A pattern may begin with ^: what stands before a kernel line on the console, its time, is cut off first. */
export function isAllowed(line: string, allowed: readonly AllowedLine[]): boolean {
  const text = line.replace(/^\[\s*\d+\.\d+\]\s*/, "");
  return allowed.some(({ pattern }) => pattern.test(text));
}
