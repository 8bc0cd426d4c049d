import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";

describe("parseCommand()", () => {
  it.each([
    [[], { kind: "serve", socket: undefined, database: undefined, root: "/" }],
    [["serve", "--socket", "/s"], { kind: "serve", socket: "/s", database: undefined, root: "/" }],
    [
      ["--database", "d", "--root", "/r"],
      { kind: "serve", socket: undefined, database: "d", root: "/r" },
    ],
    [
      ["configure"],
      {
        kind: "configure",
        socket: "/run/ballast/api.sock",
        root: "/",
        retryMs: 10_000,
        metadataPort: undefined,
      },
    ],
    [
      ["configure", "--retry-seconds", "0.5", "--metadata-port", "8080"],
      {
        kind: "configure",
        socket: "/run/ballast/api.sock",
        root: "/",
        retryMs: 500,
        metadataPort: 8080,
      },
    ],
    [["--help"], { kind: "help" }],
    [["configure", "--help"], { kind: "help" }],
    [["--version"], { kind: "version" }],
  ])("reads %j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [["sreve"], 'Unknown command "sreve"'],
    [["serve", "x"], 'Unexpected argument "x"'],
    [["--nope"], "--nope"],
    [["--socket"], "--socket"],
    [["serve", "--retry-seconds", "1"], "does not take --retry-seconds"],
    [["configure", "--database", "x"], "does not take --database"],
    [["configure", "--retry-seconds", "0"], "--retry-seconds"],
    [["configure", "--retry-seconds", "x"], "--retry-seconds"],
    [["configure", "--metadata-port", "0"], "--metadata-port"],
    [["configure", "--metadata-port", "65536"], "--metadata-port"],
    [["serve", "--metadata-port", "80"], "does not take --metadata-port"],
  ])("refuses %j", (args, message) => {
    expect(() => parseCommand(args)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => parseCommand(args)).toThrow(message);
  });
});

describe("--help", () => {
  it("is the interface", () => {
    expect(HELP).toMatchSnapshot();
  });
});
