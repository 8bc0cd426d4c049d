import { describe, expect, it } from "vitest";
import { NO_USER_DATA, planStep } from "./plan.ts";
import type { Found } from "./user-data.ts";

const NONE: Found = { kind: "none" };
const TEXT: Found = { kind: "text", source: "state", text: "a" };
const UNREADABLE: Found = { kind: "unreadable", source: "volume:cidata", reason: "r" };
const REFUSED = { request: { source: "state", user_data: "a" } };

describe("planStep()", () => {
  it("offers what was found, and nothing to run on defaults", () => {
    expect(planStep(NONE, undefined)).toEqual({ kind: "post", request: NO_USER_DATA });
    expect(planStep(TEXT, undefined)).toEqual({
      kind: "post",
      request: { source: "state", user_data: "a" },
    });
    expect(planStep(UNREADABLE, undefined)).toEqual({
      kind: "post",
      request: { source: "volume:cidata", user_data: null, error: "r" },
    });
  });

  it("waits for other data after a refusal, also while the medium is away", () => {
    expect(planStep(TEXT, REFUSED)).toEqual({ kind: "wait" });
    expect(planStep(NONE, REFUSED)).toEqual({ kind: "wait" });
    expect(planStep({ ...TEXT, text: "b" }, REFUSED)).toMatchObject({ kind: "post" });
    expect(planStep({ ...TEXT, source: "fw-cfg" }, REFUSED)).toMatchObject({ kind: "post" });
  });
});
