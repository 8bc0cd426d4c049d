import { checkRules, effectiveSettings, flatten, parsePatch } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { parseCommand } from "../options.ts";
import { describeWelcome, isUsualPortTaken, isWelcome, welcomeSettings } from "./plan-welcome.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;

describe("isWelcome()", () => {
  const own = { containers: { welcome: { image: "registry.example.org/welcome:1" } } };
  const ours = welcomeSettings(DIGEST, 5000);

  it.each([
    ["a new guest", {}, true, true],
    ["a new guest with other containers", { containers: { web: { image: "a.b/c" } } }, true, true],
    ["a new guest whose user data has one of that name", own, true, false],
    ["an old guest that has it", ours, false, true],
    ["an old guest from which it was taken", {}, false, false],
    ["an old guest with another one of that name", own, false, false],
  ])("%s", (_, settings, isNewGuest, expected) => {
    expect(isWelcome(settings, isNewGuest)).toBe(expected);
  });
});

it("makes settings that the guest's own schema and rules take", () => {
  const settings = welcomeSettings(DIGEST, 65_535);
  expect(parsePatch(settings)).toMatchObject({ ok: true });
  expect(checkRules(effectiveSettings(flatten(settings)))).toEqual([]);
});

it.each([
  ["", false],
  ["--port 8443 --publish 9090:8080", false],
  ["--port 8080", true],
  ["--publish 8080:80", true],
])("sees whether port 8080 is promised: %s", (options, expected) => {
  const command = parseCommand(["start", ...options.split(" ").filter(Boolean)]);
  if (command.kind !== "start") throw new Error("must be a start");
  expect(isUsualPortTaken(command)).toBe(expected);
});

it("tells how far the container is", () => {
  const status = { name: "welcome", state: "waiting", reason: "Cannot pull image" };
  expect(describeWelcome([status])).toBe("it is waiting (Cannot pull image)");
  expect(describeWelcome([{ ...status, state: "running", reason: null }])).toBe("it is running");
  expect(describeWelcome([])).toBe("the guest does not know it");
});
