import type { FlatSettings } from "@ballast/model";
import { hasItsPlace, placesOf, type AsideValue } from "./aside.ts";
import type { Direction } from "./chain.ts";
import { covers, entriesOf } from "./key-pattern.ts";
import type { Migration } from "./migration.ts";
import { originsIn } from "./origins.ts";
import { readyMigration, type ReadyMigration } from "./ready-migration.ts";
import { changesBetween, isSame, type StepReport } from "./report.ts";
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
  const plainResult = runFunction(ready, direction, before, read);
  const back = runFunction(ready, OPPOSITE[direction], plainResult, read);
  if (direction === "forward") checkNothingLost(ready, before, back);

  for (const key of owned.keys()) working.values.delete(key);
  const { waiting, restored, superseded, result } = takeBack(ready, plainResult, working);
  const again =
    restored.length === 0 ? back : runFunction(ready, OPPOSITE[direction], result, read);
  const lost = lostValues(ready, owned, again, working);
  working.aside = [...working.aside.filter((aside) => !waiting.has(aside)), ...lost];
  putResult(ready, owned, result, waiting, working);
  const { describe } = migration;
  return {
    step: {
      migration: ready.id,
      describe,
      changes: changesBetween(before, result),
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
    if (isSame(back.get(key), value)) continue;
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

/** The result with what waits for this crossing; `working.values` has nothing that the migration owns. */
function takeBack(ready: ReadyMigration, plainResult: FlatSettings, working: Working) {
  const waiting = new Set(working.aside.filter(({ crossing }) => crossing?.migration === ready.id));
  const restored: string[] = [];
  const superseded: string[] = [];
  if (waiting.size === 0) return { waiting, restored, superseded, result: plainResult };
  const result = new Map(plainResult);
  const places = placesOf([...working.values.keys(), ...result.keys()]);
  for (const aside of waiting) {
    const isAsLeft = isSame(result.get(aside.key), aside.crossing?.instead);
    (isAsLeft && hasItsPlace(aside, places) ? restored : superseded).push(aside.key);
  }
  const good = new Set(restored);
  for (const { key, value } of waiting) {
    if (!good.has(key)) continue;
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return { waiting, restored, superseded, result };
}

/** What would not be as it was if the values came back as they are now. */
function lostValues(
  ready: ReadyMigration,
  owned: ReadonlyMap<string, WorkingValue>,
  back: ReadonlyMap<string, unknown>,
  working: Working,
): AsideValue[] {
  const keys = [...new Set([...owned.keys(), ...back.keys()])].filter(
    (key) => !isSame(owned.get(key)?.value, back.get(key)),
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

/** Puts the result into the values, with what is known of each. */
function putResult(
  ready: ReadyMigration,
  owned: ReadonlyMap<string, WorkingValue>,
  result: FlatSettings,
  waiting: ReadonlySet<AsideValue>,
  { values }: Working,
): void {
  let originOf: ReturnType<typeof originsIn> | undefined;
  const sources = new Map([...waiting].map((aside) => [aside.key, aside]));
  for (const [key, value] of result) {
    const former = owned.get(key);
    if (former !== undefined && isSame(former.value, value)) {
      values.set(key, former);
      continue;
    }
    if (former === undefined) originOf ??= originsIn(ready, goneFrom(owned, result));
    const { source, wasRefused = false } = former ?? originOf?.(key, value) ?? {};
    const aside = sources.get(key);
    const kept = isSame(aside?.value, value) ? (aside?.source ?? source) : source;
    values.set(key, workingValue(key, value, { source: kept, wasRefused, by: ready.id }));
  }
}

/** Where new keys may be from: those that are no more, else any. */
function goneFrom(
  owned: ReadonlyMap<string, WorkingValue>,
  result: FlatSettings,
): ReadonlyMap<string, WorkingValue> {
  const gone = new Map([...owned].filter(([key]) => !result.has(key)));
  return gone.size === 0 ? owned : gone;
}
