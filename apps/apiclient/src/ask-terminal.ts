import { openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { ReadStream } from "node:tty";
import type { ProgramContext } from "@ballast/service";

/**
 * Asks the person at the terminal, also when the standard streams are redirected. Undefined if there is nobody to ask.
 * Rejects when the program is stopped meanwhile.
 */
export async function askTerminal(
  { signal, stderr }: Pick<ProgramContext, "signal" | "stderr">,
  question: string,
): Promise<string | undefined> {
  const input = openTerminal();
  if (input === undefined) return undefined;
  // The terminal goes on to edit the line and to send signals.
  const lines = createInterface({ input, terminal: false });
  try {
    stderr(question);
    // Resolves neither way when the terminal is gone.
    const gone = new Promise<string>((resolve) => {
      lines.once("close", () => {
        resolve("");
      });
    });
    return await Promise.race([lines.question("", { signal }), gone]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
    input.destroy();
  }
}

function openTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined;
  }
}
