import { describe, expect, it } from "vitest";
import {
  BallastError,
  describeError,
  describeErrorWithCode,
  hasCode,
  toProblem,
  UsageError,
} from "./index.ts";

describe("BallastError", () => {
  it("keeps code, details, hint and cause", () => {
    const cause = new Error("disk is full");
    const error = new BallastError("x.write", 'Cannot write "a"', { cause, hint: "Free space." });
    expect(error).toMatchObject({
      code: "x.write",
      hint: "Free space.",
      cause,
      name: "BallastError",
    });
    expect(hasCode(error, "x.write")).toBe(true);
    expect(hasCode(error, "x.read")).toBe(false);
  });
});

describe("describeError()", () => {
  it("joins the causes and ends with the hint", () => {
    const error = new BallastError("x.write", 'Cannot write "a"', {
      cause: new Error("disk is full"),
      hint: "Free space.",
    });
    expect(describeError(error)).toBe('Cannot write "a": disk is full\nFree space.');
  });

  it("puts the code before the hint, but for wrong usage", () => {
    const error = new BallastError("x.write", "Cannot write\n  a line of it", {
      hint: "Free space.",
    });
    expect(describeErrorWithCode(error)).toBe(
      "Cannot write\n  a line of it [x.write]\nFree space.",
    );
    expect(describeErrorWithCode(new UsageError("No", "See help."))).toBe("No\nSee help.");
  });

  it("stops at a cycle of causes", () => {
    const error = new Error("round");
    error.cause = error;
    expect(describeError(error).split(": ")).toHaveLength(10);
  });
});

describe("toProblem()", () => {
  it("names the code as an urn", () => {
    expect(toProblem(new UsageError("Unknown option"), 400, "Bad request")).toEqual({
      type: "urn:ballast:error:usage",
      title: "Bad request",
      status: 400,
      detail: "Unknown option",
    });
  });
});
