import { isDeepStrictEqual } from "node:util";
import { hasItsPlace, placesOf, type AsideValue } from "./aside.ts";
import type { Direction } from "./chain.ts";
import { covers, entriesOf } from "./key-pattern.ts";
import type { Migration } from "./migration.ts";
import { originsIn } from "./origins.ts";
import { readyMigration, type ReadyMigration } from "./ready-migration.ts";
import { changesBetween, type StepReport } from "./report.ts";
import { fault, runFunction } from "./run-function.ts";
import { plain, select, workingValue, type Working, type WorkingValue } from "./working-values.ts";

const OPPOSITE = { forward: "backward", backward: "forward" } as const;

export interface Crossing {
  readonly step: StepReport;
  readonly restored: readonly string[];
  readonly superseded: readonly string[];
}

/**
 * Takes the values across one migration. What the other form cannot hold is found by going back at once: a key that would
 * not be as it was is set aside, and what an earlier crossing set aside comes back. Throws MigrationError.
 */
export function cross(migration: Migration, direction: Direction, working: Working): Crossing {
  const ready = readyMigration(migration);
  const owned = select(working.values, ready.owns);
  const before = plain(owned);
  const read = plain(select(working.values, ready.reads));
  const result = runFunction(ready, direction, before, read);
  const back = runFunction(ready, OPPOSITE[direction], result, read);
  if (direction === "forward") checkNothingLost(ready, before, back);

  for (const key of owned.keys()) working.values.delete(key);
  const { waiting, restored, superseded } = takeBack(ready, result, working);
  const again =
    restored.length === 0 ? back : runFunction(ready, OPPOSITE[direction], result, read);
  const lost = lostValues(ready, owned, again, working);
  working.aside = [...working.aside.filter((aside) => !waiting.has(aside)), ...lost];
  for (const [key, entry] of resultValues(ready, owned, result, waiting))
    working.values.set(key, entry);
  const { describe } = migration;
  return {
    step: {
      migration: ready.id,
      describe,
      changes: changesBetween(before, result, isDeepStrictEqual),
    },
    restored,
    superseded,
  };
}

function checkNothingLost(
  ready: ReadyMigration,
  before: ReadonlyMap<string, unknown>,
  back: ReadonlyMap<string, unknown>,
): void {
  for (const [key, value] of before) {
    if (isDeepStrictEqual(back.get(key), value)) continue;
    const { segments } = workingValue(key, value);
    if (ready.loses.some((pattern) => covers(pattern, segments))) continue;
    throw fault(
      ready,
      "forward",
      "migrations.lost-value",
      key,
      "going back does not give the same value, and it is not among those that may get lost",
    );
  }
}

/** Puts what waits for this crossing into `result`; `working.values` has nothing that the migration owns. */
function takeBack(ready: ReadyMigration, result: Map<string, unknown>, working: Working) {
  const waiting = new Set(working.aside.filter(({ crossing }) => crossing?.migration === ready.id));
  const restored: string[] = [];
  const superseded: string[] = [];
  if (waiting.size === 0) return { waiting, restored, superseded };
  const places = placesOf([...working.values.keys(), ...result.keys()]);
  for (const aside of waiting) {
    const isAsLeft = isDeepStrictEqual(result.get(aside.key), aside.crossing?.instead);
    (isAsLeft && hasItsPlace(aside, places) ? restored : superseded).push(aside.key);
  }
  const good = new Set(restored);
  for (const { key, value } of waiting) {
    if (!good.has(key)) continue;
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return { waiting, restored, superseded };
}

/** What would not be as it was if the values came back as they are now. */
function lostValues(
  ready: ReadyMigration,
  owned: ReadonlyMap<string, WorkingValue>,
  back: ReadonlyMap<string, unknown>,
  working: Working,
): AsideValue[] {
  const keys = [...new Set([...owned.keys(), ...back.keys()])].filter(
    (key) => !isDeepStrictEqual(owned.get(key)?.value, back.get(key)),
  );
  if (keys.length === 0) return [];
  const places = placesOf([...working.values.keys(), ...back.keys()]);
  return keys.map((key) => {
    const { value, source, segments } = owned.get(key) ?? workingValue(key, undefined);
    const pattern = ready.owns.find((candidate) => covers(candidate, segments)) ?? [];
    return {
      key,
      ...(value === undefined ? {} : { value }),
      ...(source === undefined ? {} : { source }),
      within: entriesOf(pattern, segments).filter((entry) => places.has(entry)),
      crossing: {
        migration: ready.id,
        ...(back.has(key) ? { instead: back.get(key) } : {}),
      },
    };
  });
}

/** The result with what is known of each value. */
function* resultValues(
  ready: ReadyMigration,
  owned: ReadonlyMap<string, WorkingValue>,
  result: ReadonlyMap<string, unknown>,
  waiting: ReadonlySet<AsideValue>,
): Generator<[string, WorkingValue]> {
  const gone = new Map([...owned].filter(([key]) => !result.has(key)));
  const originOf = originsIn(ready, gone.size === 0 ? owned : gone);
  const asideByKey = new Map([...waiting].map((aside) => [aside.key, aside]));
  for (const [key, value] of result) {
    const former = owned.get(key);
    if (former !== undefined && isDeepStrictEqual(former.value, value)) {
      yield [key, former];
      continue;
    }
    const aside = asideByKey.get(key);
    const { source, wasRefused } = former ?? originOf(key, value) ?? {};
    const kept = isDeepStrictEqual(aside?.value, value) ? (aside?.source ?? source) : source;
    yield [
      key,
      workingValue(key, value, { source: kept, wasRefused: wasRefused ?? false, by: ready.id }),
    ];
  }
}
