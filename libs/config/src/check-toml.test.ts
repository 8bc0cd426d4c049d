import { joinKey } from "@ballast/model";
import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { checkToml } from "./check-toml.ts";
import { keyLines } from "./key-lines.ts";
import { tomlDocument } from "./toml-document.ts";

function found(text: string): string[] {
  return checkToml(text).map(({ line, key, reason }) => `${line}: ${key ?? ""} ${reason}`);
}

describe("checkToml()", () => {
  it("takes good user data, and none at all", () => {
    expect(checkToml('[settings.network]\nhostname = "harbour-7"\n')).toEqual([]);
    expect(checkToml("")).toEqual([]);
  });

  it("tells every fault of the values with its line, in their order", () => {
    expect(
      found(`# user data
setting = 1
[settings.boot]
trial-limit = 5   # too short
[settings]
motd = """
a
b\\u0007"""
network.hostname = "UP"
[settings.health]
web = { http = "ftp://x", unit = [
  "x",
] }
"quoted name".unit = "web.service"
`),
    ).toEqual([
      '2: setting is not known at the top level, only "settings" is',
      "4: settings.boot.trial-limit must be at least 60 seconds",
      "6: settings.motd must not contain control characters other than newline",
      "9: settings.network.hostname must consist of lower-case letters, digits, '-' and '.'",
      "11: settings.health.web.unit must be a string",
      "11: settings.health.web.http must be a URL of http: or https:",
      `14: settings.health."quoted name" must be named by 1 to 63 lower-case letters, digits or '-', not starting with '-'`,
    ]);
  });

  it("tells what is missing at the line of its table", () => {
    const text =
      "\n[settings.health.web]\ntimeout-seconds = 3\n\n[settings.api.remote]\nenabled = true\n";
    expect(checkToml(text).map(({ line, key }) => [line, key])).toEqual([
      [2, "settings.health.web"],
      [5, "settings.api.remote.ca-certificate"],
      [5, "settings.api.remote.server-certificate"],
      [5, "settings.api.remote.server-key"],
    ]);
  });

  it.each([
    ["[settings\n", 1],
    ['[settings]\nmotd = "open\n', 2],
    ['[settings]\nmotd = "a"\nmotd = "b"\n', 3],
    ["settings = 1\n", 1],
    ["[[settings]]\nmotd = 'x'\n", 1],
    ["[settings.motd]\nx = 1979-05-27 07:32:00\n", 1],
  ])("refuses %j at line %d", (text, line) => {
    expect(checkToml(text).map((finding) => finding.line)).toEqual([line]);
  });

  it("does not quote the document, which may hold secrets", () => {
    const text = '[settings.api.remote]\nserver-key = "s3cret';
    expect(JSON.stringify(checkToml(text))).not.toContain("s3cret");
  });
});

describe("keyLines()", () => {
  it("finds the line of every key of any document", () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z-]{1,5}$/),
      fc.string({ unit: "binary", maxLength: 5 }).filter((text) => text.isWellFormed()),
    );
    const scalar = fc.oneof(
      fc
        .array(fc.constantFrom('"', "\\", "\n", "#", "=", "[", "]", "{", "}", ",", "a"), {
          maxLength: 8,
        })
        .map((parts) => parts.join("")),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.5, max: 1e6 }),
    );
    const { table } = fc.letrec<{ table: Record<string, unknown>; value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(fc.oneof(scalar, fc.dictionary(name, scalar, { maxKeys: 2 })), { maxLength: 3 }),
        tie("table"),
      ),
      table: fc.dictionary(name, tie("value"), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(table, (given) => {
        const text = tomlDocument(given);
        const lines = keyLines(text, joinKey);
        const rows = text.split("\n");
        for (const [key, value] of keysOf(given)) {
          const row = rows[(lines.get(joinKey(key)) ?? 0) - 1] ?? "";
          const last = joinKey(key.slice(-1));
          // The row is a header that ends in the key or passes through it, or a pair that begins with the key.
          const isThere =
            row.startsWith(`${last} = `) || (row.startsWith("[") && typeof value === "object");
          expect(isThere, `${joinKey(key)} at ${row}\n${text}`).toBe(true);
        }
        expect(parse(text)).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it("reads through every form of value", () => {
    const text = `a = '''
b = 1
'''
c = 'x\\' # d = 2
e = [ { f = "}" }, [ "]" ], 1979-05-27 07:32:00, # g = 3
  { h = """"q"""" } ]
[[i]]
j = 1
[[i]]
k."l.m" = 'n'
`;
    expect(parse(text)).toHaveProperty("i");
    expect(Object.fromEntries(keyLines(text, joinKey))).toEqual({
      a: 1,
      c: 4,
      e: 5,
      "e.f": 5,
      "e.h": 6,
      i: 7,
      "i.j": 8,
      "i.k": 10,
      'i.k."l.m"': 10,
    });
  });

  it("comes to an end in a text that is no TOML", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', "'", "[", "]", "{", "=", ".", "a", "\n", "#", ","), {
          maxLength: 30,
        }),
        (parts) => {
          expect(() => keyLines(parts.join(""), joinKey)).not.toThrow(RangeError);
        },
      ),
    );
  });
});

function keysOf(table: object, path: readonly string[] = []): [string[], unknown][] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const key = [...path, name];
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
    return [[key, value], ...(isTable ? keysOf(value, key) : [])] as [string[], unknown][];
  });
}
