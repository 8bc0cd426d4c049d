import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, nestSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { targetOf } from "./health.ts";

function effective(health: unknown): Map<string, unknown> {
  return effectiveSettings(flatten({ health }));
}

describe("settings.health", () => {
  it.each([
    { unit: "web.service" },
    { unit: "web@1.socket" },
    { http: "http://127.0.0.1:8080/ready?x=1" },
    { http: "https://example.org", "expect-status": 204 },
    { tcp: "127.0.0.1:5432" },
    { tcp: "[::1]:5432" },
    { tcp: "db.example.org:65535" },
    { "timeout-seconds": 20 },
  ])("takes %j", (check) => {
    expect(parsePatch({ health: { web: check } }).ok).toBe(true);
  });

  it.each([
    [{ unit: "web" }, "unit"],
    [{ unit: "web.service; reboot" }, "unit"],
    [{ unit: "--help.service\n" }, "unit"],
    [{ http: "ftp://example.org" }, "http"],
    [{ http: "/ready" }, "http"],
    [{ http: "http://user:word@example.org/" }, "http"],
    [{ http: "http://a b/" }, "http"],
    [{ http: `http://a/${"x".repeat(2048)}` }, "http"],
    [{ tcp: "127.0.0.1" }, "tcp"],
    [{ tcp: "::1:80" }, "tcp"],
    [{ tcp: "[127.0.0.1]:80" }, "tcp"],
    [{ tcp: "a:0" }, "tcp"],
    [{ tcp: "a:65536" }, "tcp"],
    [{ "timeout-seconds": 0 }, "timeout-seconds"],
    [{ "timeout-seconds": 21 }, "timeout-seconds"],
    [{ "expect-status": 100 }, "expect-status"],
    [{ container: "web" }, "container"],
  ])("refuses %j", (check, key) => {
    const result = parsePatch({ health: { web: check } });
    expect(result.ok ? [] : result.issues.map((issue) => issue.key)).toEqual([`health.web.${key}`]);
  });

  it("waits 5 s unless told", () => {
    const values = nestSettings(
      effective({ web: { tcp: "a:1" }, db: { tcp: "b:1", "timeout-seconds": 9 } }),
    );
    expect(Object.values(values.health).map((check) => check["timeout-seconds"])).toEqual([5, 9]);
    expect(nestSettings(effective({})).health).toEqual({});
  });

  it("needs exactly one target, and a status only of HTTP", () => {
    const judge = (health: unknown) =>
      checkRules(effective(health)).map(({ key, reason }) => `${key} ${reason}`);
    expect(judge({ web: { unit: "a.service" }, db: { tcp: "a:1" } })).toEqual([]);
    expect(judge({ web: { "timeout-seconds": 3 } })).toEqual([
      "health.web must have exactly one of unit, http, tcp, has none",
    ]);
    expect(judge({ web: { unit: "a.service", tcp: "a:1" } })).toEqual([
      "health.web must have exactly one of unit, http, tcp, has unit and tcp",
    ]);
    expect(judge({ web: { tcp: "a:1", "expect-status": 200 } })).toEqual([
      "health.web must not have expect-status without http",
    ]);
  });

  it("has a bounded number of checks", () => {
    const checks = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`c${index}`, { tcp: "a:1" }]),
      );
    expect(checkRules(effective(checks(32)))).toEqual([]);
    expect(checkRules(effective(checks(33)))).toEqual([
      { key: "health.c32", reason: "is one too many: at most 32 checks" },
    ]);
  });
});

describe("targetOf()", () => {
  it("gives what is to be looked at, or nothing when there is nothing", () => {
    const timeout = { "timeout-seconds": 5 };
    expect(targetOf({ unit: "a.service", ...timeout })).toEqual({
      kind: "unit",
      unit: "a.service",
    });
    expect(targetOf({ tcp: "[::1]:80", ...timeout })).toEqual({
      kind: "tcp",
      host: "::1",
      port: 80,
    });
    expect(targetOf({ http: "http://a/", ...timeout })).toMatchObject({
      kind: "http",
      expectStatus: undefined,
    });
    expect(targetOf(timeout)).toBeUndefined();
  });
});
