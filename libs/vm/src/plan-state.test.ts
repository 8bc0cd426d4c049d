import { describe, expect, it } from "vitest";
import { planState, type StateFacts } from "./plan-state.ts";

const RECORD = { imageSha256: "old", isProvisioned: true };
const FACTS: StateFacts = {
  record: RECORD,
  imageSha256: "old",
  wish: undefined,
  hasUserData: false,
};

describe("planState()", () => {
  it.each<[string, Partial<StateFacts>, "keep" | "new", "keep" | "new", RegExp]>([
    ["first start", { record: undefined }, "new", "keep", /begins with a new disk/],
    ["same image", {}, "keep", "keep", /goes on with its disk/],
    ["new image", { imageSha256: "new" }, "new", "keep", /image has changed.*new disk/],
    [
      "new image, keep",
      { imageSha256: "new", wish: "keep" },
      "keep",
      "keep",
      /boots the OLD image/,
    ],
    ["same image, discard", { wish: "discard" }, "new", "new", /new certificates/],
    ["nothing to discard", { record: undefined, wish: "discard" }, "new", "new", /new disk/],
    ["user data too late", { hasUserData: true }, "keep", "keep", /taken its user data already/],
  ])("%s", (_name, change, disk, credentials, sentence) => {
    const plan = planState({ ...FACTS, ...change });
    expect(plan).toMatchObject({ disk, credentials });
    expect(plan.sentence).toMatch(sentence);
  });

  it("reads user data again if the guest never became healthy", () => {
    const plan = planState({
      ...FACTS,
      record: { ...RECORD, isProvisioned: false },
      hasUserData: true,
    });
    expect(plan.sentence).not.toMatch(/user data/);
  });
});
