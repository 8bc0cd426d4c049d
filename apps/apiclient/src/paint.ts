import type { ProgramContext } from "@ballast/service";

/** What a part of a text is; how that looks is the terminal's matter. */
export type Style = "good" | "bad" | "warning" | "strong" | "dim";
export type Paint = (style: Style, text: string) => string;

/** Select Graphic Rendition (ECMA-48, 8.3.117). */
const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warning: [33, 39],
  strong: [1, 22],
  dim: [2, 22],
};

/** Colours for a terminal alone, and not where NO_COLOR (no-color.org) or TERM=dumb says no. */
export function createPaint({
  isTerminal,
  env,
}: Pick<ProgramContext, "isTerminal" | "env">): Paint {
  if (!isTerminal || env["NO_COLOR"] || env["TERM"] === "dumb") return (_style, text) => text;
  return (style, text) => {
    const [on, off] = CODES[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}
