import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinKey } from "../keys.ts";
import { isKnown, isSecret, MODEL } from "../schema.ts";
import { roleToWrite, WRITE_RULES } from "./write-role.ts";

const RULES = [
  { at: "boxes.*", role: "operator", unless: ["privileged", "mounts"] },
  { at: "boxes.*.privileged", role: "admin" },
] as const;

const NOTHING = new Map<string, unknown>();

describe("roleToWrite()", () => {
  it("leaves to the admin what no rule names", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), (segments) => {
        expect(roleToWrite(joinKey(["x", ...segments]), NOTHING)).toBe("admin");
      }),
    );
    expect(roleToWrite("", NOTHING)).toBe("admin");
    expect(roleToWrite("motd-of-another", NOTHING)).toBe("admin");
    expect(roleToWrite("not a key", NOTHING)).toBe("admin");
  });

  it.each([
    ["boxes", "admin"],
    ["boxes.web", "operator"],
    ["boxes.web.image", "operator"],
    ["boxes.web.privileged", "admin"],
    ['boxes."web.privileged"', "operator"],
    ['boxes."web"."privileged"', "admin"],
    ["boxes.web.privileged.why", "admin"],
    ["boxesweb", "admin"],
  ])("takes the longest rule for %s", (key, role) => {
    expect(roleToWrite(key, NOTHING, RULES)).toBe(role);
  });

  it.each([
    ["boxes.web.privileged", true, "admin"],
    ["boxes.web.privileged", false, "operator"],
    ["boxes.web.mounts.a.path", "/", "admin"],
    ["boxes.other.privileged", true, "operator"],
    ['boxes."web.privileged"', true, "operator"],
  ])("minds %s = %j for all of the entry", (key, value, role) => {
    const effective = new Map([[key, value]]);
    expect(roleToWrite("boxes.web.image", effective, RULES)).toBe(role);
    expect(roleToWrite("boxes.web", effective, RULES)).toBe(role);
    expect(roleToWrite("boxes", effective, RULES)).toBe("admin");
  });

  it("names only settings that exist, once", () => {
    const guards = WRITE_RULES.flatMap(({ at, unless = [] }) =>
      unless.map((name) => `${at}.${name}`),
    );
    const keys = WRITE_RULES.map(({ at }) => at);
    // What guards an entry must itself be for the admin.
    expect(guards.filter((guard) => !keys.includes(guard))).toEqual([]);
    expect(keys.filter((key) => !isKnown(key.replaceAll("*", "name")))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("gives no secret and nothing of the remote API to the operator", () => {
    const secrets = MODEL.secrets.map((names) => names.join(".").replaceAll("*", "name"));
    expect(secrets.filter(isSecret).length).toBe(secrets.length);
    for (const key of [...secrets, "api.remote.enabled", "api.remote.revocation-list"])
      expect([key, roleToWrite(key, NOTHING)]).toEqual([key, "admin"]);
  });
});
