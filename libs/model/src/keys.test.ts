import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiKey, flatten, innerKey, isBelow, joinKey, splitKey, unflatten } from "./keys.ts";

const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9_-]{1,6}$/),
  fc.constantFrom("__proto__", "constructor"),
  fc.string(),
);
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()));
const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc
    .array(fc.tuple(name, fc.oneof({ depthSize: "small" }, leaf, tie("tree"))), {
      minLength: 1,
      maxLength: 4,
    })
    .map((entries) => Object.fromEntries(entries)),
}));

describe("flatten() and unflatten()", () => {
  it("are inverse of each other, for hostile names too", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(unflatten(flatten(value))).toEqual(value);
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      }),
    );
  });
});

describe("joinKey() and splitKey()", () => {
  it("are inverse of each other for any segments", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(name, fc.string({ unit: "binary" })), { minLength: 1 }),
        (segments) => {
          expect(splitKey(joinKey(segments))).toEqual(segments);
        },
      ),
    );
  });

  it.each(["a.", ".a", "a..b", 'a."b', 'a"b"', '"a"b', "a b", '"\\x"', "ä"])("refuse %j", (key) => {
    expect(splitKey(key)).toBeUndefined();
  });
});

describe("keys", () => {
  it("lose needless quotes on their way in", () => {
    expect(innerKey('settings.health."web".http')).toBe("health.web.http");
    expect(innerKey('kernel.sysctl."net.a"')).toBe('kernel.sysctl."net.a"');
    expect(innerKey("a..b")).toBe("a..b");
  });

  it("leave the API with the prefix and may come without", () => {
    expect(apiKey("motd")).toBe("settings.motd");
    expect(["settings.motd", "motd", "settings", "settingsx.a"].map(innerKey)).toEqual([
      "motd",
      "motd",
      "",
      "settingsx.a",
    ]);
  });

  it("lie below a prefix by whole segments", () => {
    expect(isBelow("api.remote.port", "api")).toBe(true);
    expect(isBelow("api.remote.port", "api.rem")).toBe(false);
    expect(isBelow("api", "api")).toBe(true);
    expect(isBelow("api", "")).toBe(true);
  });
});
