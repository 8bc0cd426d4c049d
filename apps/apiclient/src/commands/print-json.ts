import { safeText } from "@ballast/api-client";
import type { ProgramContext } from "@ballast/service";

type Output = Pick<ProgramContext, "stdout" | "isTerminal">;

/** Indented or on one line, and on a terminal without anything that steers it: the text comes from the machine. */
export async function printJson(
  context: Output,
  value: unknown,
  isOneLine: boolean,
): Promise<void> {
  await printText(context, `${JSON.stringify(value, undefined, isOneLine ? 0 : 2)}\n`);
}

export async function printText({ stdout, isTerminal }: Output, text: string): Promise<void> {
  await stdout(isTerminal ? safeText(text) : text);
}
