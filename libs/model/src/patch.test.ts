import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEST_KEY } from "./groups/api-remote/pem.fixture.ts";
import { isKnown, isSecret, parseKeypairs, parsePatch } from "./settings.ts";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

describe("parsePatch()", () => {
  it("gives the changes of a good patch, null as unset", () => {
    const patch = { motd: "hi", network: { hostname: null }, api: { remote: { port: 99 } } };
    expect(parsePatch(patch)).toEqual({
      ok: true,
      changes: [
        { key: "motd", value: "hi" },
        { key: "api.remote.port", value: 99 },
        { key: "network.hostname", value: null },
      ],
    });
  });

  it.each([
    [[], "settings", "must be a table"],
    ["x", "settings", "must be a table"],
    [{ motd: 1 }, "motd", "must be a string"],
    [{ motd: {} }, "motd", "must be a string"],
    [{ network: "x" }, "network", "must be a table"],
    [{ network: { hostname: ["a"] } }, "network.hostname", "must be a string"],
    [{ nope: {} }, "nope", "is not a known setting"],
    [{ nope: null }, "nope", "is not a known setting"],
    [{ network: null }, "network", "must be a table: null takes away single settings only"],
    [
      { api: { remote: null } },
      "api.remote",
      "must be a table: null takes away single settings only",
    ],
    [{ net: null }, "net", "is not a known setting"],
    [{ network: { nope: 1 } }, "network.nope", "is not a known setting"],
    [{ api: { remote: { nope: 1 } } }, "api.remote.nope", "is not a known setting"],
    [{ toString: 1 }, "toString", "is not a known setting"],
    [{ constructor: { prototype: {} } }, "constructor", "is not a known setting"],
    [JSON.parse('{"__proto__": {"motd": "x"}}'), "__proto__", "is not a known setting"],
    [JSON.parse('{"network": {"__proto__": null}}'), "network.__proto__", "is not a known setting"],
  ])("refuses %j: %s %s", (patch, key, reason) => {
    expect(parsePatch(patch)).toEqual({ ok: false, issues: [{ key, reason }] });
  });

  it("bounds the depth instead of the stack", () => {
    const deep = parsePatch(nested(100_000));
    expect(deep.ok).toBe(false);
  });

  it("never throws and never answers ok with a key that is not known", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.object()), (input) => {
        const result = parsePatch(input);
        const keys = result.ok ? result.changes.map(({ key }) => key) : [];
        expect(keys.filter((key) => !isKnown(key))).toEqual([]);
      }),
    );
  });
});

describe("parseKeypairs()", () => {
  it("takes the type of the setting", () => {
    expect(
      parseKeypairs(["motd=42", "settings.api.remote.port=42", "api.remote.enabled=true"]),
    ).toEqual({
      ok: true,
      changes: [
        { key: "motd", value: "42" },
        { key: "api.remote.port", value: 42 },
        { key: "api.remote.enabled", value: true },
      ],
    });
  });

  it("takes a list, and a text that only looks like one", () => {
    expect(parseKeypairs(['ntp.time-servers=["a.org","192.0.2.1"]', 'motd=["a"]'])).toMatchObject({
      changes: [{ value: ["a.org", "192.0.2.1"] }, { value: '["a"]' }],
    });
    expect(parseKeypairs(["ntp.time-servers=a.org"])).toMatchObject({ ok: false });
    expect(parseKeypairs(["ntp.time-servers=[null]"])).toMatchObject({
      ok: false,
      issues: [{ key: "ntp.time-servers.0" }],
    });
  });

  it("keeps everything after the first = and strips quotes of JSON strings", () => {
    expect(parseKeypairs(["motd=a=b", 'network.hostname="x"'])).toMatchObject({
      changes: [{ value: "a=b" }, { value: "x" }],
    });
  });

  it.each([
    ["motd", "request_payload"],
    ["=x", "request_payload"],
    ["nope=1", "nope"],
    ["network=1", "network"],
    ["network.hostname=A", "network.hostname"],
    ["api.remote.port=x", "api.remote.port"],
    ["__proto__=1", "__proto__"],
  ])("refuses %s", (pair, key) => {
    expect(parseKeypairs([pair])).toMatchObject({ ok: false, issues: [{ key }] });
  });

  it("never quotes a value in a reason", () => {
    const bad = parseKeypairs([`api.remote.server-certificate=${TEST_KEY}`]);
    expect(bad.ok).toBe(false);
    expect(JSON.stringify(bad)).not.toContain(TEST_KEY.slice(30, 60));
  });
});

describe("the registry", () => {
  it("keeps the server's key secret, and nothing else of the remote API", () => {
    expect(isSecret("api.remote.server-key")).toBe(true);
    expect(isSecret("api.remote.server-certificate")).toBe(false);
    expect(isSecret("api.remote")).toBe(false);
  });

  it("knows settings, groups, and entries by any good name", () => {
    const known = ["", "motd", "api", "api.remote", "api.remote.port", "health", "health.web"];
    expect(known.filter((key) => !isKnown(key))).toEqual([]);
    const unknown = [
      "nope",
      "ap",
      "motd.x",
      "api.remote.nope",
      "health.Web",
      "health.web.nope",
      "a..b",
      ".",
    ];
    expect(unknown.filter((key) => isKnown(key))).toEqual([]);
  });
});
