import { expect, it } from "vitest";
import { parseRunOptions } from "./options.ts";

it("parseRunOptions() reads the part, and refuses others in one sentence", () => {
  expect(parseRunOptions([])).toEqual({ isHelp: false, only: undefined });
  expect(parseRunOptions(["--only", "vm"])).toEqual({ isHelp: false, only: "vm" });
  expect(parseRunOptions(["--help"])).toMatchObject({ isHelp: true });
  expect(() => parseRunOptions(["--only", "all"])).toThrow('Option --only is "all", must be unit');
  expect(() => parseRunOptions(["--fast"])).toThrow("Unknown option '--fast'");
  expect(() => parseRunOptions(["vm"])).toThrow(expect.objectContaining({ code: "usage" }));
});
