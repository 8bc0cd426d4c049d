// An editor needs the terminal of its user, which the port for programs does not give away.
// oxlint-disable-next-line no-restricted-imports
import { spawn } from "node:child_process";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "./apiclient-error.ts";

/** Opens a file in VISUAL or EDITOR, which may have arguments, and waits until it is closed. */
export async function openEditor({ env }: ProgramContext, file: string): Promise<void> {
  const words = (env["VISUAL"] || env["EDITOR"] || "vi").trim().split(/\s+/);
  const [program = "vi", ...args] = words;
  const reason = await new Promise<string | undefined>((resolve) => {
    const child = spawn(program, [...args, file], { stdio: "inherit" });
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code, signal) => {
      resolve(code === 0 ? undefined : `it ended with ${code ?? signal}`);
    });
  });
  if (reason === undefined) return;
  throw new ApiclientError("apiclient.editor", `Cannot edit with "${program}": ${reason}`, {
    hint: "Name an editor in EDITOR.",
  });
}
