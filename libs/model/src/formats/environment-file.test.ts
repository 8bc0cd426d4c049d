// oxlint-disable-next-line no-restricted-imports -- a shell reads the file independently of us; no port runs programs here
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { environmentFile } from "./environment-file.ts";

describe("environmentFile()", () => {
  it("quotes what a reader would take for its own", () => {
    expect(environmentFile([["A", 'a "b" $c `d` \\e']])).toBe('A="a \\"b\\" \\$c \\`d\\` \\\\e"\n');
  });

  it.each(["a\nB=c", "\u0000", "\u007f", "\ud800"])("refuses the value %j", (value) => {
    expect(() => environmentFile([["A", value]])).toThrow('"A"');
  });

  it.each(["", "1A", "A B", "A=B"])("refuses the name %j", (name) => {
    expect(() => environmentFile([[name, "x"]])).toThrow("variable");
  });

  // Within double quotes a shell and systemd take the same four characters from a backslash.
  it("is read back by a shell as it was", () => {
    const folder = mkdtempSync(join(tmpdir(), "ballast-environment-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, "file.env");
    const anyText = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.stringMatching(/^[ "'\\$`!#a-c{}()]*$/),
    );
    const isSame = fc.property(fc.array(anyText, { minLength: 1, maxLength: 40 }), (texts) => {
      const values = texts.filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed());
      const names = values.map((_, index) => `V${index}`);
      writeFileSync(file, environmentFile(values.map((value, index) => [`V${index}`, value])));
      const script = ['. "$1"', ...names.map((name) => `printf '%s\\n' "$${name}"`)].join("\n");
      const output = execFileSync("/bin/sh", ["-c", script, "sh", file], { encoding: "utf8" });
      expect(output.split("\n").slice(0, -1)).toEqual(values);
    });
    fc.assert(isSame, { numRuns: 30 });
  });
});
