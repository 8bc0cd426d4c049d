import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FlatSettings } from "@ballast/model";
import {
  changeValue,
  inTurn,
  mergeKeys,
  removeKey,
  renameEntries,
  renameKey,
  replaceValue,
  splitKeys,
} from "./index.ts";
import { defineHistory } from "../history.ts";
import { migrateValues } from "../migrate-values.ts";

const address = {
  parts: { host: "web.*.host", port: "web.*.port" },
  whole: "web.*.address",
  join: ({ host, port }: Readonly<Record<string, unknown>>) => [host ?? null, port ?? null],
  part: (whole: unknown) => {
    const [host, port] = Array.isArray(whole) ? whole : [];
    return { host: host ?? undefined, port: port ?? undefined };
  },
};

const KINDS = {
  rename: renameKey("motd", "banner"),
  "rename below": renameKey("web", "sites.web"),
  "rename in entries": renameKey("web.*.host", "web.*.name"),
  "change type": changeValue("ntp.interval", { forward: String, backward: Number }),
  merge: mergeKeys(address),
  split: splitKeys({
    parts: { first: "words.first", rest: "words.rest" },
    whole: "words",
    join: ({ first, rest }) =>
      [first, ...(Array.isArray(rest) ? rest : [])].filter((word) => word !== undefined),
    part: (whole) => {
      const [first, ...rest] = Array.isArray(whole) ? whole : [];
      return { first, ...(rest.length === 0 && first !== undefined ? {} : { rest }) };
    },
  }),
  entries: renameEntries("web", {
    forward: (name) => `x-${name}`,
    backward: (name) => name.slice(2),
  }),
  "one after the other": inTurn(renameKey("motd", "banner"), renameKey("banner", "console.banner")),
};
const LOSING = {
  remove: removeKey("web.*.host"),
  replace: replaceValue("motd", "a", "b"),
  "change with a loss": changeValue("motd", {
    forward: (text) => String(text).trim(),
    backward: (text) => text,
    loses: true,
  }),
};

const older: fc.Arbitrary<FlatSettings> = fc
  .dictionary(
    fc.constantFrom("motd", "web.a.host", "web.a.port", "web.b.host", 'web."c.d".port', "other"),
    fc.constantFrom<unknown>("a", "b", " c", 80, true),
  )
  .chain((table) =>
    fc.record({
      table: fc.constant(table),
      interval: fc.option(fc.nat(), { nil: undefined }),
      words: fc.option(fc.array(fc.constantFrom("x", "y"), { maxLength: 3 }), { nil: undefined }),
    }),
  )
  .map(({ table, interval, words }) => {
    const values = new Map<string, unknown>(Object.entries(table));
    if (interval !== undefined) values.set("ntp.interval", interval);
    if (words !== undefined) values.set("words", words);
    return values;
  });

describe.each(Object.entries(KINDS))("%s", (name, kind) => {
  it("gives the same values back, of its keys", () => {
    fc.assert(
      fc.property(older, (values) => {
        expect(kind.backward(kind.forward(values))).toEqual(values);
      }),
    );
  });

  it("passes the runner, with its keys as its own", () => {
    const history = defineHistory([{ to: "0.2.0", name: "kind", describe: name, ...kind }]);
    fc.assert(
      fc.property(older, (values) => {
        const up = migrateValues(values, "0.1.0", "0.2.0", history);
        expect(up.aside).toEqual([]);
        expect(migrateValues(up.values, "0.2.0", "0.1.0", history).values).toEqual(values);
      }),
    );
  });
});

describe.each(Object.entries(LOSING))("%s", (name, kind) => {
  it("differs in its keys only, and the runner keeps what differs", () => {
    const history = defineHistory([{ to: "0.2.0", name: "kind", describe: name, ...kind }]);
    fc.assert(
      fc.property(older, (values) => {
        const up = migrateValues(values, "0.1.0", "0.2.0", history);
        const down = migrateValues(up.values, "0.2.0", "0.1.0", history, { aside: up.aside });
        expect(down.values).toEqual(values);
      }),
    );
  });
});

describe("what kinds do to values", () => {
  const values = new Map<string, unknown>([
    ["motd", "a"],
    ["ntp.interval", 60],
    ["web.a.host", "h"],
    ["web.a.port", 80],
    ["web.b.port", 81],
  ]);

  it.each<[keyof typeof KINDS, readonly string[], FlatSettings]>([
    ["rename", ["motd"], new Map([["banner", "a"]])],
    ["change type", ["ntp.interval"], new Map([["ntp.interval", "60"]])],
    ["rename below", ["web.a.host"], new Map([["sites.web.a.host", "h"]])],
    [
      "merge",
      ["web.a.host", "web.a.port", "web.b.port"],
      new Map([
        ["web.a.address", ["h", 80]],
        ["web.b.address", [null, 81]],
      ]),
    ],
    ["entries", ["web.a.host"], new Map([["web.x-a.host", "h"]])],
  ])("%s", (name, keys, expected) => {
    const given = new Map(keys.map((key) => [key, values.get(key)]));
    expect(KINDS[name].forward(given)).toEqual(expected);
  });

  it("replaces one value and leaves others", () => {
    expect(LOSING.replace.forward(new Map([["motd", "a"]]))).toEqual(new Map([["motd", "b"]]));
    expect(LOSING.replace.forward(new Map([["motd", "c"]]))).toEqual(new Map([["motd", "c"]]));
  });

  it("refuses names that collide, and stars that do not match", () => {
    const all = renameEntries("web", { forward: () => "one", backward: (name) => name });
    expect(() =>
      all.forward(
        new Map([
          ["web.a.host", 1],
          ["web.b.host", 2],
        ]),
      ),
    ).toThrow("web.one.host");
    expect(() => renameKey("web.*.host", "host")).toThrow("as many stars");
    expect(() => mergeKeys({ ...address, whole: "address" })).toThrow("as many stars");
    expect(() => removeKey("a..b")).toThrow("is no key");
  });
});
