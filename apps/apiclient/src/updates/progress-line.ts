import type { ProgramContext } from "@ballast/service";
import { shorten, TEXT_WIDTH } from "../text-layout.ts";

/** Shows how something goes on, for people: it goes to standard error. */
export interface ProgressLine {
  /** `step` is what a reader without a terminal is told once; the line may change with every call. */
  show(line: string, step: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** On a terminal one line that changes, elsewhere a line for each step. */
export function createProgressLine({
  stderr,
  isTerminal,
}: Pick<ProgramContext, "stderr" | "isTerminal">): ProgressLine {
  let shown = "";
  let told = "";
  return {
    show: (line, step) => {
      // One that wraps could not be taken back.
      if (isTerminal) stderr(`\r${shorten(line, TEXT_WIDTH - 1)}\u001b[K`);
      else if (step !== told) stderr(`${line}\n`);
      [shown, told] = [line, step];
    },
    clear: () => {
      if (isTerminal && shown !== "") stderr("\r\u001b[K");
      shown = "";
    },
  };
}

/** For those who read JSON. */
export const NO_PROGRESS_LINE: ProgressLine = { show: () => undefined, clear: () => undefined };
