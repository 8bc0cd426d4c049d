import { SettingExplanation } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { parseExplanation } from "./explain-calls.ts";

const child = {
  key: "a.b",
  kind: "setting",
  secret: false,
  description: null,
  value: ["x"],
  source: "generated",
};
const explanation = {
  ...child,
  type: "text",
  default: null,
  required: false,
  example: "y",
  writes: ["f"],
  restarts: ["u.service"],
  reloads: [],
  reboot: false,
  effect: null,
  members: [],
  role: "admin",
  children: [child, { ...child, kind: "map", value: null, source: null }],
};

describe("parseExplanation()", () => {
  it("reads as the schema of the model does", () => {
    expect(parseExplanation(explanation)).toEqual(SettingExplanation.parse(explanation));
  });

  it.each([
    { key: 1 },
    { kind: "thing" },
    { source: "magic" },
    { role: "root" },
    { writes: [1] },
    { children: [{}] },
  ])("refuses %j as the schema does", (change) => {
    const body = { ...explanation, ...change };
    expect(SettingExplanation.safeParse(body).success).toBe(false);
    expect(() => parseExplanation(body)).toThrow("Cannot read the answer");
  });
});
