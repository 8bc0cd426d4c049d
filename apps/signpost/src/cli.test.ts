import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";

describe("parseCommand()", () => {
  it.each([
    ["--help", { do: "help", topic: "signpost" }],
    ["-h status", { do: "help", topic: "status" }],
    ["mark-successful-boot --help", { do: "help", topic: "mark-successful-boot" }],
    ["--version", { do: "version" }],
    ["status", { do: "status", device: undefined, json: false }],
    ["status --device d --json", { do: "status", device: "d", json: true }],
    [
      "mark-successful-boot",
      { do: "mark-successful-boot", target: undefined, dryRun: false, json: false },
    ],
    [
      "mark-successful-boot --device=d --slot B --dry-run --json",
      { do: "mark-successful-boot", target: { device: "d", slot: "B" }, dryRun: true, json: true },
    ],
  ])("%s", (line, command) => {
    expect(parseCommand(line.split(" "))).toEqual(command);
  });

  it.each([
    ["", "Cannot run signpost: no command given"],
    ["rollback", 'Cannot run "rollback": no such command'],
    ["status extra", 'Cannot run signpost status: unexpected argument "extra"'],
    ["status --slot A", "Cannot run signpost status: --slot is of no use"],
    ["status --dry-run", "Cannot run signpost status: --dry-run is of no use, it never writes"],
    ["mark-successful-boot --device d", "--device needs --slot A or --slot B"],
    ["mark-successful-boot --device d --slot C", '--slot is "C", must be A or B'],
    ["mark-successful-boot --slot A", "--slot needs --device"],
    ["status --loud", "Cannot run signpost: Unknown option '--loud'"],
    ["status --device", "Cannot run signpost: Option '--device <value>' argument missing"],
  ])("refuses %j", (line, message) => {
    const parse = (): unknown => parseCommand(line.split(" ").filter((word) => word !== ""));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});

describe("HELP", () => {
  it.each(Object.entries(HELP))("%s", (_topic, text) => {
    expect(text).toMatchSnapshot();
  });
});
