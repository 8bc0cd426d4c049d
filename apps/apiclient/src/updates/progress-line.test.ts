import { describe, expect, it } from "vitest";
import { createProgressLine } from "./progress-line.ts";

function lineOn(isTerminal: boolean) {
  let text = "";
  const stderr = (more: string): void => {
    text += more;
  };
  return { line: createProgressLine({ stderr, isTerminal }), text: () => text };
}

describe("createProgressLine()", () => {
  it("is one line on a terminal, which does not wrap and goes away", () => {
    const { line, text } = lineOn(true);
    line.clear();
    line.show("Writing: 1 %", "write 0");
    line.show("x".repeat(100), "write 0");
    line.clear();
    line.clear();
    const cut = `${"x".repeat(78)}…`;
    expect(text()).toBe(`\rWriting: 1 %\u001b[K\r${cut}\u001b[K\r\u001b[K`);
  });

  it("is a line for each step elsewhere", () => {
    const { line, text } = lineOn(false);
    for (const percent of [1, 2, 3]) line.show(`Writing: ${percent} %`, "write 0");
    line.show("Writing: 11 %", "write 1");
    line.clear();
    expect(text()).toBe("Writing: 1 %\nWriting: 11 %\n");
  });
});
