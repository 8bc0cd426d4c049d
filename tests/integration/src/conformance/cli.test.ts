import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { judgeTap } from "./tap.ts";

describe("parseCommand()", () => {
  it("takes a suite, a path and names", () => {
    const args = ["--suite", "oci-runtime", "--path", "x", "--only", "a,b,"];
    const only = ["a", "b"];
    expect(parseCommand(args)).toEqual({ kind: "run", suite: "oci-runtime", path: "x", only });
    expect(parseCommand(["--help"])).toEqual({ kind: "help" });
  });

  it.each([
    [[], "--suite is missing"],
    [["--suite", "other", "--path", "x"], 'suite "other"'],
    [["--suite", "critest"], "--path is missing"],
    [["--suite", "critest", "--path", ""], "--path is missing"],
    [["--sweet"], "--sweet"],
    [["critest"], "critest"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseCommand(args)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining(reason) }),
    );
  });
});

describe("judgeTap()", () => {
  it.each([
    ["TAP version 13\nok 1 - a\nok 2 - b\n1..2\n", 0, "passed", []],
    ["1..1\nok 1 # SKIP no such thing\n", 0, "skipped", []],
    ["1..0\n", 0, "skipped", []],
    ["1..2\nok 1\nnot ok 2 - x\n  ---\n  ok: yes\n", 0, "failed", ["not ok 2 - x"]],
    ["1..1\nnot ok 1 # TODO later\n", 0, "skipped", []],
    ["1..3\nok 1\n", 0, "failed", ["it planned 3 points and made 1"]],
    ["", 2, "failed", ["it planned nothing", "it ended with 2"]],
    ["1..1\nok 1\n", 1, "failed", ["it ended with 1"]],
  ])("%j, %i is %s", (output, exitCode, status, failures) => {
    expect(judgeTap(output, exitCode)).toEqual({ status, failures });
  });
});
