import * as fc from "fast-check";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, groupValue, withoutSecrets } from "./effective.ts";
import { joinKey } from "./keys.ts";
import { parseKeypairs } from "./keypair.ts";
import { namedMap } from "./named-map.ts";
import { parsePatch } from "./patch.ts";
import { defineGroup } from "./settings-group.ts";
import { buildModel } from "./settings-model.ts";

const Mirror = z.strictObject({
  image: z.string(),
  token: z.string().optional(),
  port: z.int(),
  env: namedMap({
    entry: z.string(),
    name: z.string().regex(/^[A-Z]+$/, { error: "must be big" }),
  }),
});

/** Maps of tables, maps within entries, and a map of plain values with names that need quotes. */
const MODEL = buildModel({
  boxes: defineGroup({
    schema: namedMap({ entry: Mirror, defaults: { port: 80, env: { MODE: "plain" } } }),
    defaults: {},
    secrets: ["*.token"],
    check: (boxes) =>
      Object.entries(boxes)
        .filter(([name, { image }]) => name === image)
        .map(([name]) => ({ key: `${name}.image`, reason: "must not be the name" })),
    services: [],
  }),
  "kernel.sysctl": defineGroup({
    schema: namedMap({ entry: z.string(), name: z.string().regex(/^[a-z0-9_.]+$/) }),
    defaults: { "kernel.panic": "10" },
    secrets: [],
    check: () => [],
    services: [],
  }),
});

function issuesOf(patch: unknown): unknown {
  const result = parsePatch(patch, MODEL);
  return result.ok ? [] : result.issues.map(({ key, reason }) => `${key} ${reason}`);
}

describe("parsePatch() with maps", () => {
  it("gives a change for each setting of an entry, quoting names that need it", () => {
    const patch = {
      boxes: { web: { image: "i", env: { PATH: "/" } } },
      kernel: { sysctl: { "net.a": "1" } },
    };
    expect(parsePatch(patch, MODEL)).toEqual({
      ok: true,
      changes: [
        { key: "boxes.web.image", value: "i" },
        { key: "boxes.web.env.PATH", value: "/" },
        { key: 'kernel.sysctl."net.a"', value: "1" },
      ],
    });
  });

  it("unsets entries as a whole, of maps within entries too, and single settings", () => {
    const patch = {
      boxes: { web: null, db: { port: null, env: { PATH: null } } },
      kernel: { sysctl: { "net.a": null } },
    };
    const result = parsePatch(patch, MODEL);
    expect(result.ok ? result.changes.map(({ key }) => key) : result.issues).toEqual([
      "boxes.web",
      "boxes.db.port",
      "boxes.db.env.PATH",
      'kernel.sysctl."net.a"',
    ]);
  });

  it.each([
    [{ boxes: null }, "boxes must be a table: null takes away single settings only"],
    [
      { boxes: { web: { env: null } } },
      "boxes.web.env must be a table: null takes away single settings only",
    ],
    [{ boxes: { Web: { port: 1 } } }, "boxes.Web must be named by"],
    [{ boxes: { Web: null } }, "boxes.Web must be named by"],
    [{ boxes: { "-": { port: 1 } } }, "boxes.- must be named by"],
    [{ boxes: { ["a".repeat(64)]: { port: 1 } } }, "must be named by"],
    [{ boxes: { "a.b": { port: 1 } } }, 'boxes."a.b" must be named by'],
    [{ boxes: { web: 1 } }, "boxes.web must be a table"],
    [{ boxes: [] }, "boxes must be a table"],
    [{ boxes: { web: { nope: 1 } } }, "boxes.web.nope is not a known setting"],
    [{ boxes: { web: { nope: null } } }, "boxes.web.nope is not a known setting"],
    [{ boxes: { web: { env: { path: "x" } } } }, "boxes.web.env.path must be big"],
    [{ boxes: { web: { env: { PATH: 1 } } } }, "boxes.web.env.PATH must be a string"],
    [JSON.parse('{"boxes": {"__proto__": {"port": 1}}}'), "boxes.__proto__ is not a known setting"],
  ])("refuses %j", (patch, issue) => {
    expect(issuesOf(patch)).toEqual([expect.stringContaining(issue)]);
  });

  it("takes exactly the names that the rule allows", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9-]{1,64}$/)), (name) => {
        const isGood = /^[a-z0-9][a-z0-9-]{0,62}$/.test(name);
        expect(parsePatch({ boxes: { [name]: { port: 1 } } }, MODEL).ok).toBe(isGood);
      }),
    );
  });
});

describe("parseKeypairs() with maps", () => {
  it("takes quoted names, and = within them", () => {
    const pairs = [
      "boxes.web.port=8080",
      'settings.kernel.sysctl."net.a"=1',
      'boxes."web".image=a=b',
    ];
    expect(parseKeypairs(pairs, MODEL)).toMatchObject({
      changes: [
        { key: "boxes.web.port", value: 8080 },
        { key: 'kernel.sysctl."net.a"', value: "1" },
        { key: "boxes.web.image", value: "a=b" },
      ],
    });
  });

  it.each([
    ["boxes.web=x", "must be a table, not one value"],
    ["boxes.Web.port=1", "must be named by"],
    ['boxes."web.port=1', "must be key=value"],
    ["boxes..port=1", "is not a known setting"],
  ])("refuses %s", (pair, reason) => {
    expect(parseKeypairs([pair], MODEL)).toMatchObject({
      ok: false,
      issues: [{ reason: expect.stringContaining(reason) }],
    });
  });
});

describe("effective values of maps", () => {
  const stored = new Map<string, unknown>([
    ["boxes.web.image", "i"],
    ["boxes.web.env.MODE", "set"],
    ["boxes.db.port", 5432],
    ["boxes.db.image", "j"],
  ]);

  it("have the defaults of each entry that something was set in, and of the map itself", () => {
    expect(Object.fromEntries(effectiveSettings(stored, MODEL))).toEqual({
      "boxes.web.image": "i",
      "boxes.web.port": 80,
      "boxes.web.env.MODE": "set",
      "boxes.db.image": "j",
      "boxes.db.port": 5432,
      "boxes.db.env.MODE": "plain",
      'kernel.sysctl."kernel.panic"': "10",
    });
  });

  it("are tables, empty where nothing is", () => {
    expect(groupValue("boxes", new Map(), MODEL)).toEqual({});
    expect(groupValue("kernel.sysctl", new Map(), MODEL)).toEqual({});
    expect(groupValue("boxes", new Map([["boxes.x.port", 1]]), MODEL)).toEqual({
      x: { port: 1, env: {} },
    });
  });

  it("are judged as a whole: what must be set, then the rules of the group", () => {
    const judge = (values: Map<string, unknown>) =>
      checkRules(effectiveSettings(values, MODEL), MODEL);
    expect(judge(stored)).toEqual([]);
    expect(judge(new Map([["boxes.web.port", 1]]))).toEqual([
      { key: "boxes.web.image", reason: "must be set" },
    ]);
    expect(judge(new Map([["boxes.web.image", "web"]]))).toEqual([
      { key: "boxes.web.image", reason: "must not be the name" },
    ]);
  });

  it("hide the secrets of every entry", () => {
    const flat = new Map([
      ["boxes.web.token", "t"],
      ["boxes.token.image", "i"],
    ]);
    expect([...withoutSecrets(flat, MODEL).keys()]).toEqual(["boxes.token.image"]);
  });
});

describe("joinKey()", () => {
  it("gives a key that the schema's names survive", () => {
    expect(joinKey(["kernel", "sysctl", "net.ipv4.ip_forward"])).toBe(
      'kernel.sysctl."net.ipv4.ip_forward"',
    );
  });
});

it("keeps what an entry of the image has when something else of it is set", () => {
  const model = buildModel({
    boxes: defineGroup({
      schema: namedMap({ entry: Mirror, defaults: { port: 80, env: {} } }),
      defaults: { own: { image: "ours", port: 443, env: {} } },
      secrets: [],
      check: () => [],
      services: [],
    }),
  });
  const stored = new Map([["boxes.own.token", "t"]]);
  expect(groupValue("boxes", effectiveSettings(stored, model), model)).toEqual({
    own: { image: "ours", port: 443, token: "t", env: {} },
  });
});
