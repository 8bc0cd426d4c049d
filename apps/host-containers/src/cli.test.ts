import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";
import { MAX_LOG_BYTES } from "./logs/log-rotation.ts";
import { PLACES } from "./places.ts";

describe("parseCommand()", () => {
  it.each([
    [["run"], { do: "run", places: PLACES, maxLogBytes: MAX_LOG_BYTES }],
    [
      ["run", "--socket", "/x", "--max-log-bytes", "4096"],
      { do: "run", places: { ...PLACES, socket: "/x" }, maxLogBytes: 4096 },
    ],
    [["bootstrap"], { do: "bootstrap" }],
    [["--help"], { do: "help" }],
    [["run", "-h"], { do: "help" }],
    [["--version"], { do: "version" }],
  ])("%j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[], "no command given"],
    [["stop"], 'there is no command "stop"'],
    [["run", "now"], 'unexpected argument "now"'],
    [["run", "--config", "x"], '"x" is not an absolute path'],
    [["run", "--max-log-bytes", "0"], '"0" is not a number of bytes'],
    [["run", "--max-log-bytes", "10M"], '"10M" is not a number of bytes'],
    [["run", "--force"], "Unknown option '--force'"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(reason);
  });

  it("has a help", () => {
    expect(HELP).toMatchSnapshot();
  });
});
