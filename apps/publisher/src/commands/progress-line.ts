import type { Context } from "./context.ts";

/** One line that is written over, on a terminal; nothing elsewhere. */
export function progressLine({
  stderr,
  isTerminal,
}: Pick<Context, "stderr" | "isTerminal">): (what: string, share: number) => void {
  if (!isTerminal) return () => undefined;
  let last = "";
  return (what, share) => {
    const line = `\r${what} ${Math.floor(share * 100)} %`;
    if (line === last) return;
    last = line;
    stderr(share >= 1 ? `${line}\n` : line);
  };
}
