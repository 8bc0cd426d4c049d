import { describe, expect, it } from "vitest";
import type { FlatSettings } from "@ballast/model";
import { AsideValues } from "./aside.ts";
import { defineHistory } from "./history.ts";
import { migrateValues } from "./migrate-values.ts";
import { defineMigration, type Migration } from "./migration.ts";
import { releasedSchema } from "./released-schema.ts";

const HOSTNAME = renaming("0.2.0", "hostname", "network.hostname", "network.name");

function renaming(to: string, name: string, before: string, after: string): Migration {
  const move = (values: FlatSettings, from: string, target: string) => {
    const moved = new Map(values);
    if (moved.has(from)) moved.set(target, moved.get(from));
    moved.delete(from);
    return moved;
  };
  return defineMigration({
    to,
    name,
    describe: `Renames ${before}.`,
    owns: [before, after],
    forward: (values) => move(values, before, after),
    backward: (values) => move(values, after, before),
  });
}

/** Keeps the first of two, as a form that has room for one. */
const FIRST_ONLY = defineMigration({
  to: "0.3.0",
  name: "one-server",
  describe: "Gives room for more servers.",
  owns: ["dns.server", "dns.servers"],
  forward: (values) =>
    new Map(values.has("dns.server") ? [["dns.servers", [values.get("dns.server")]]] : []),
  backward: (values) => {
    const servers = values.get("dns.servers");
    return new Map(
      Array.isArray(servers) && servers.length > 0 ? [["dns.server", servers[0]]] : [],
    );
  },
});

const HISTORY = defineHistory([HOSTNAME, FIRST_ONLY]);

describe("migrateValues()", () => {
  it("goes over versions without a migration of their own, up and down", () => {
    const up = migrateValues(
      new Map<string, unknown>([
        ["network.hostname", "harbour"],
        ["motd", "hi"],
      ]),
      "0.1.3",
      "0.9.0",
      HISTORY,
      { sources: new Map([["network.hostname", "user-data"]]) },
    );
    expect([...up.values]).toEqual([
      ["motd", "hi"],
      ["network.name", "harbour"],
    ]);
    expect(up.sources).toEqual(new Map([["network.name", "user-data"]]));
    expect(up.report.changes).toEqual([
      { key: "network.hostname", action: "removed" },
      { key: "network.name", action: "added" },
    ]);
    expect(up.report.steps.map(({ migration }) => migration)).toEqual([
      "0.2.0 hostname",
      "0.3.0 one-server",
    ]);
    const down = migrateValues(up.values, "0.9.0", "0.1.3", HISTORY);
    expect(down.values).toEqual(
      new Map([
        ["motd", "hi"],
        ["network.hostname", "harbour"],
      ]),
    );
    expect(down.report.direction).toBe("backward");
  });

  it.each([
    ["0.2.0-rc.1", "0.1.0", []],
    ["0.1.0", "0.2.0-rc.1", []],
    ["0.2.0-rc.1", "0.2.0", ["0.2.0 hostname"]],
    ["0.2.0", "0.2.0", []],
    ["0.3.0", "0.2.0-rc.1", ["0.3.0 one-server", "0.2.0 hostname"]],
  ])("orders pre-releases as semantic versions: %s to %s", (from, to, steps) => {
    const { report } = migrateValues(new Map(), from, to, HISTORY);
    expect(report.steps.map(({ migration }) => migration)).toEqual(steps);
  });

  it("refuses what is no version", () => {
    expect(() => migrateValues(new Map(), "latest", "0.2.0", HISTORY)).toThrow(
      expect.objectContaining({ code: "migrations.bad-version" }),
    );
  });
});

describe("what the older form cannot hold", () => {
  const newer = new Map<string, unknown>([["dns.servers", ["192.0.2.1", "192.0.2.2"]]]);
  const down = migrateValues(newer, "0.3.0", "0.2.0", HISTORY, {
    sources: new Map([["dns.servers", "api"]]),
  });

  it("is set aside, named, and comes back, through a text", () => {
    expect(down.values).toEqual(new Map([["dns.server", "192.0.2.1"]]));
    expect(down.report.aside.map(({ key }) => key)).toEqual(["dns.servers"]);
    expect(JSON.stringify(down.report)).not.toContain("192.0.2");
    const stored = AsideValues.parse(JSON.parse(JSON.stringify(down.aside)));
    const up = migrateValues(down.values, "0.2.0", "0.3.0", HISTORY, { aside: stored });
    expect(up.values).toEqual(newer);
    expect(up.aside).toEqual([]);
    expect(up.report.restored).toEqual(["dns.servers"]);
  });

  it("gives way to what was set meanwhile", () => {
    const changed = new Map([["dns.server", "198.51.100.9"]]);
    const up = migrateValues(changed, "0.2.0", "0.3.0", HISTORY, { aside: down.aside });
    expect(up.values).toEqual(new Map([["dns.servers", ["198.51.100.9"]]]));
    expect(up.report.superseded).toEqual(["dns.servers"]);
    expect(up.aside).toEqual([]);
  });

  it("stays aside on the way further down", () => {
    const further = migrateValues(down.values, "0.2.0", "0.1.0", HISTORY, { aside: down.aside });
    expect(further.aside).toEqual(down.aside);
    const up = migrateValues(further.values, "0.1.0", "0.3.0", HISTORY, { aside: further.aside });
    expect(up.values).toEqual(newer);
  });
});

describe("what the schema of the older version refuses", () => {
  const shape = {
    type: "object",
    properties: {
      motd: { type: "string", maxLength: 5 },
      web: {
        type: "object",
        propertyNames: { type: "string" },
        additionalProperties: {
          type: "object",
          properties: {
            image: { type: "string" },
            ports: { type: "array", items: { type: "integer" } },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  };
  const history = defineHistory([HOSTNAME], new Map([["0.1.0", releasedSchema(shape)]]));
  const newer = new Map<string, unknown>([
    ["motd", "too long"],
    ["web.a.image", "x"],
    ["web.a.pull", "always"],
    ["web.b.pull", "never"],
    ["web.c.ports", [1, "2"]],
    ["planets.venus", true],
  ]);
  const down = migrateValues(newer, "0.2.0", "0.1.0", history);

  it("is set aside and comes back, entries of their own included", () => {
    expect(down.values).toEqual(new Map([["web.a.image", "x"]]));
    expect(down.report.aside.map(({ key }) => key).toSorted()).toEqual([
      "motd",
      "planets.venus",
      "web.a.pull",
      "web.b.pull",
      "web.c.ports",
    ]);
    const up = migrateValues(down.values, "0.1.0", "0.2.0", history, { aside: down.aside });
    expect(up.values).toEqual(newer);
    expect(up.report.restored).toHaveLength(5);
  });

  it("does not come back into an entry that is gone, nor over a value that was set", () => {
    const up = migrateValues(new Map([["motd", "short"]]), "0.1.0", "0.2.0", history, {
      aside: down.aside,
    });
    expect(up.values.get("motd")).toBe("short");
    expect(up.values.has("web.a.pull")).toBe(false);
    expect(up.values.get("web.b.pull")).toBe("never");
    expect(up.report.superseded).toEqual(["motd", "web.a.pull"]);
  });

  it("stays aside between two versions that both refuse it", () => {
    const between = migrateValues(down.values, "0.1.0", "0.1.5", history, {
      aside: down.aside,
      schema: releasedSchema(shape),
    });
    expect(between.values).toEqual(down.values);
    expect(between.aside).toEqual(down.aside);
    expect(between.report.aside).toEqual([]);
  });
});

describe("a migration that does what it must not", () => {
  const values = new Map<string, unknown>([
    ["motd", "hi"],
    ["network.hostname", "harbour"],
  ]);
  const make = (forward: Migration["forward"], more: Partial<Migration> = {}) =>
    defineHistory([
      defineMigration({
        to: "0.2.0",
        name: "faulty",
        describe: "Is faulty.",
        owns: ["network.hostname"],
        forward,
        backward: (now) => now,
        ...more,
      }),
    ]);
  const run = (history: ReturnType<typeof make>, schema = PERMISSIVE) =>
    migrateValues(values, "0.1.0", "0.2.0", history, { schema });
  const PERMISSIVE = releasedSchema({ type: "object" });

  it.each<[string, string, Migration["forward"], Partial<Migration>]>([
    [
      "throws",
      "migrations.threw",
      () => {
        throw new Error("no");
      },
      {},
    ],
    [
      "changes a key that it does not own",
      "migrations.not-owned",
      (now) => new Map([...now, ["motd", "x"]]),
      {},
    ],
    [
      "changes a key that it only reads",
      "migrations.not-owned",
      (now) => new Map([...now, ["motd", "x"]]),
      { reads: ["motd"] },
    ],
    ["answers a table", "migrations.bad-result", () => new Map([["network.hostname", {}]]), {}],
    ["answers null", "migrations.bad-result", () => new Map([["network.hostname", null]]), {}],
    [
      "answers what is no number",
      "migrations.bad-result",
      () => new Map([["network.hostname", [Number.NaN]]]),
      {},
    ],
    [
      "answers what is no key",
      "migrations.bad-result",
      () => new Map([["network..hostname", "x"]]),
      {},
    ],
    ["loses a value", "migrations.lost-value", () => new Map(), {}],
    [
      "changes a value without a way back",
      "migrations.lost-value",
      () => new Map([["network.hostname", "x"]]),
      {},
    ],
  ])("is an error when it %s", (_, code, forward, more) => {
    expect(() => run(make(forward, more))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining("0.2.0 faulty") }),
    );
  });

  it("is an error when a value that it wrote is refused, but not when another one is", () => {
    const upper = {
      forward: () => new Map([["network.hostname", "HARBOUR"]]),
      backward: () => new Map([["network.hostname", "harbour"]]),
    };
    const strict = releasedSchema({
      type: "object",
      properties: {
        network: {
          type: "object",
          properties: { hostname: { type: "string", pattern: "^[a-z]+$" } },
        },
        motd: { type: "integer" },
      },
    });
    expect(() => run(make(upper.forward, upper), strict)).toThrow(
      expect.objectContaining({
        code: "migrations.refused-value",
        details: { migration: "0.2.0 faulty", key: "network.hostname" },
      }),
    );
    const { report, values: after } = run(
      make((now) => now),
      strict,
    );
    expect(report.unused.map(({ key }) => key)).toEqual(["motd"]);
    expect(after).toEqual(values);
  });

  it("may lose what it says that it loses, and the older version gets it back", () => {
    const history = make(() => new Map(), {
      loses: ["network.hostname"],
      backward: () => new Map(),
    });
    const up = run(history);
    expect(up.values).toEqual(new Map([["motd", "hi"]]));
    const down = migrateValues(up.values, "0.2.0", "0.1.0", history, { aside: up.aside });
    expect(down.values).toEqual(new Map([...values]));
  });

  it("cannot change the values that it was given", () => {
    const list = new Map<string, unknown>([["network.hostname", ["a"]]]);
    const history = make((now) => {
      const held = now.get("network.hostname");
      if (Array.isArray(held)) held.push("b");
      return new Map([["network.hostname", ["a"]]]);
    });
    migrateValues(list, "0.1.0", "0.2.0", history);
    expect(list.get("network.hostname")).toEqual(["a"]);
  });
});
