import { describe, expect, it } from "vitest";
import { HELP, parseCommand } from "./options.ts";

describe("parseCommand()", () => {
  it("has defaults for everything", () => {
    expect(parseCommand(["start"])).toEqual({
      kind: "start",
      name: "default",
      memoryMiB: 2048,
      cpus: undefined,
      diskSizeGiB: undefined,
      port: undefined,
      published: [],
      userDataFile: undefined,
      state: undefined,
      imageFile: undefined,
      isSecureBoot: false,
      isBuilt: true,
      isWelcomed: true,
      isQuiet: false,
      isOnce: false,
    });
  });

  it("reads every option", () => {
    const text =
      "start --name b --memory 512 --cpus 1 --disk-size 20 --port 9443 --publish 8080:80 --publish 9090:9090 --no-welcome --user-data u --keep-state --image i --secure-boot --quiet --exit";
    expect(parseCommand(text.split(" "))).toEqual({
      kind: "start",
      name: "b",
      memoryMiB: 512,
      cpus: 1,
      diskSizeGiB: 20,
      port: 9443,
      published: [
        { hostPort: 8080, guestPort: 80 },
        { hostPort: 9090, guestPort: 9090 },
      ],
      userDataFile: "u",
      state: "keep",
      imageFile: "i",
      isSecureBoot: true,
      isBuilt: false,
      isWelcomed: false,
      isQuiet: true,
      isOnce: true,
    });
  });

  it.each([
    [["start", "--memroy", "1"], "Unknown option '--memroy'"],
    [["start", "--memory"], "Option '--memory <value>' argument missing"],
    [["start", "--memory", "2g"], 'Option --memory is "2g", must be a whole number from 256 to'],
    [["start", "--memory", "64"], 'Option --memory is "64", must be a whole number from 256 to'],
    [["start", "--port", "65536"], 'Option --port is "65536", must be a whole number from 1 to'],
    [["start", "--publish", "80"], 'Option --publish is "80", must be HOST:GUEST'],
    [["start", "--publish", "80:x"], 'Option --publish is "x", must be a whole number'],
    [["start", "--name", "../x"], 'Option --name is "../x", must be 1 to 31 of a-z'],
    [["start", "--keep-state", "--discard-state"], "Cannot both keep and discard the state"],
    [["start", "now"], 'Unexpected argument "now"'],
    [["stop"], 'Unknown command "stop", must be "start"'],
    [[], 'Unknown command "", must be "start"'],
  ])("refuses %j in one sentence", (args, message) => {
    expect(() => parseCommand(args)).toThrow(message);
    expect(() => parseCommand(args)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("gives help whatever else is there", () => {
    expect(parseCommand(["start", "--help", "--quiet"])).toEqual({ kind: "help" });
    for (const option of ["--memory", "--no-welcome", "--keep-state", "--image", "--once"])
      expect(HELP).toContain(option);
  });
});
