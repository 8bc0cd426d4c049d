import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";

describe("parseCommand()", () => {
  it.each([
    [["a.ts"], { do: "print", file: "a.ts", machine: undefined, json: false }],
    [["a.ts", "-m", "x", "--json"], { do: "print", file: "a.ts", machine: "x", json: true }],
    [["--out", "d", "a.ts"], { do: "write", file: "a.ts", directory: "d", json: false }],
    [["a.ts", "--list"], { do: "list", file: "a.ts", json: false }],
    [["--check", "a.toml", "-"], { do: "check", files: ["a.toml", "-"], json: false }],
    [["-h"], { do: "help" }],
    [["--version", "a.ts"], { do: "version" }],
  ])("takes %j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[], "no file is named"],
    [["--check"], "no file is named"],
    [["a.ts", "b.ts"], 'unexpected argument "b.ts"'],
    [["a.ts", "--check", "--list"], "--list and --check exclude each other"],
    [["a.ts", "--out", "d", "-m", "x"], "--out and --machine exclude each other"],
    [["a.ts", "--fast"], "Unknown option '--fast'"],
    [["a.ts", "--out"], "Option '-o, --out <value>' argument missing"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseCommand(args)).toThrow(`Cannot run ballast-config: ${reason}`);
  });
});
