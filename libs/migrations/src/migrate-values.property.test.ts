import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { FlatSettings } from "@ballast/model";
import { defineHistory } from "./history.ts";
import { migrateValues } from "./migrate-values.ts";
import type { Migration } from "./migration.ts";

const KEYS = ["a", "b.x", "b.y", "c.one.p", "c.one.q", "c.two.p", "c.two.q", "d"];
const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom("s", "t"),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
);
const settings = fc
  .dictionary(fc.constantFrom(...KEYS), value)
  .map((table): FlatSettings => new Map(Object.entries(table)));

/** Any pure function over the keys that it owns: as hostile as a migration can be without being refused. */
const arbitraryFunction =
  (owned: readonly string[], seed: number) =>
  (values: FlatSettings): FlatSettings => {
    const text = JSON.stringify(owned.map((key) => values.get(key) ?? null)) + seed;
    const hash = Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7);
    return new Map(
      owned.flatMap((key, index) =>
        (hash >> index) & 1 ? [[key, (hash >> index) % 4] as const] : [],
      ),
    );
  };

const migrations = fc
  .array(fc.record({ owned: fc.subarray(KEYS, { minLength: 1 }), seed: fc.nat(1000) }), {
    maxLength: 5,
  })
  .map((list) =>
    list.map(({ owned, seed }, index): Migration => ({
      to: `0.${index + 1}.0`,
      name: "any",
      describe: "Does anything.",
      owns: owned,
      loses: owned,
      forward: arbitraryFunction(owned, seed),
      backward: arbitraryFunction(owned, seed + 1),
    })),
  );

it("gives the same values back after any way there and back, whatever the migrations do", () => {
  fc.assert(
    fc.property(settings, migrations, fc.boolean(), (values, list, startsNew) => {
      const history = defineHistory(list);
      const [start, end] = startsNew ? ["0.9.0", "0.0.1"] : ["0.0.1", "0.9.0"];
      const there = migrateValues(values, start, end, history);
      const back = migrateValues(there.values, end, start, history, { aside: there.aside });
      expect(back.values).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

it("changes only what the migrations own", () => {
  fc.assert(
    fc.property(settings, migrations, (values, list) => {
      const owned = new Set(list.flatMap(({ owns }) => owns));
      const { report, values: after } = migrateValues(
        values,
        "0.0.1",
        "0.9.0",
        defineHistory(list),
      );
      for (const { key } of report.changes) expect(owned.has(key)).toBe(true);
      const others = KEYS.filter((key) => !owned.has(key));
      expect(others.map((key) => after.get(key))).toEqual(others.map((key) => values.get(key)));
    }),
  );
});

it("makes no difference whether a chain is run at once or in parts", () => {
  fc.assert(
    fc.property(settings, migrations, fc.nat(5), fc.boolean(), (values, list, at, up) => {
      const history = defineHistory(list);
      const [start, end] = up ? ["0.0.1", "0.9.0"] : ["0.9.0", "0.0.1"];
      const middle = `0.${at}.5`;
      const whole = migrateValues(values, start, end, history);
      const first = migrateValues(values, start, middle, history);
      const second = migrateValues(first.values, middle, end, history, { aside: first.aside });
      expect(second.values).toEqual(whole.values);
      expect(second.aside).toEqual(whole.aside);
    }),
  );
});
