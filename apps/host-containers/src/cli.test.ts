import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";
import { PLACES } from "./places.ts";

describe("parseCommand()", () => {
  it.each([
    [["run"], { do: "run", places: PLACES }],
    [["run", "--socket", "/x"], { do: "run", places: { ...PLACES, socket: "/x" } }],
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
    [["run", "--force"], "Unknown option '--force'"],
  ])("refuses %j", (args, reason) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(reason);
  });

  it("has a help", () => {
    expect(HELP).toMatchSnapshot();
  });
});
