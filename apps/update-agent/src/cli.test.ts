import { UsageError } from "@ballast/errors";
import { expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";

it("shows this help", () => {
  expect(HELP).toMatchSnapshot();
});

it.each([
  [["status"], { do: "status", json: false, root: "/" }],
  [["status", "--json", "--root", "/x"], { do: "status", json: true, root: "/x" }],
  [["--help"], { do: "help" }],
  [["--version"], { do: "version" }],
])("takes %j", (args, command) => {
  expect(parseCommand(args)).toEqual(command);
});

it.each([
  [[], "no command given"],
  [["update"], 'there is no command "update"'],
  [["status", "now"], 'unexpected argument "now"'],
  [["status", "--root", "x"], '"x" is not an absolute path'],
  [["status", "--jso"], "Unknown option '--jso'"],
])("refuses %j", (args, reason) => {
  expect(() => parseCommand(args)).toThrow(UsageError);
  expect(() => parseCommand(args)).toThrow(`Cannot run update-agent: ${reason}`);
});
