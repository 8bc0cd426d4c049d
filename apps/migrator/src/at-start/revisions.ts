import { isDeepStrictEqual } from "node:util";
import type { Revision, StoredValue } from "@ballast/datastore";
import { PRODUCT_SCHEMA, type AsideValue } from "@ballast/migrations";
import { convert, keysAside, settingsOf, type Knowledge, type Settings } from "../convert.ts";
import { MigratorError } from "../errors.ts";
import { FACTS, takenFact } from "../facts.ts";
import { baseOf, type VersionContents } from "./base-of.ts";
import { mergeValues } from "./merge-values.ts";

export interface Revised {
  readonly revision: Revision;
  /** Keys whose value differs from that in the database it was made from. */
  readonly changed: readonly string[];
  readonly setAside: readonly string[];
}

/**
 * The database of the running version from that of another one, with what a third one, which ran last, has changed since.
 * Pure.
 */
export function takeOver(
  source: VersionContents,
  ranLast: VersionContents | undefined,
  known: Knowledge,
): Revised {
  checkVersion(source);
  const settings =
    ranLast === undefined ? settingsOf(source.contents) : merge(source, ranLast, known);
  const { values, aside } = convert(settings, source.version, known.version, known);
  const { version: from, contents } = ranLast ?? source;
  const their =
    ranLast === undefined
      ? values
      : convert(settingsOf(contents), from, known.version, known).values;
  const facts = { from, id: contents.id, form: known.version };
  return {
    revision: {
      kind: "converted",
      note: `Settings of ${source.version} in the form of ${known.version}`,
      values: [...values.values()],
      facts: {
        [FACTS.version]: known.version,
        [FACTS.aside]: JSON.stringify(aside),
        [FACTS.shadowOf]: null,
        [FACTS.taken]: takenFact(facts, their),
      },
    },
    changed: differing(settingsOf(source.contents).values, values),
    setAside: keysAside(aside),
  };
}

/** The settings of the running version with what an older one, which ran last, has changed since. Pure. */
export function mergeFrom(
  ranLast: VersionContents,
  ours: VersionContents,
  known: Knowledge,
): Revised {
  checkVersion(ours);
  const { values, aside, theirs } = merge(ours, ranLast, known);
  const facts = { from: ranLast.version, id: ranLast.contents.id, form: ours.version };
  return {
    revision: {
      kind: "changed",
      note: `Changed while ${ranLast.version} ran`,
      values: [...values.values()],
      facts: {
        [FACTS.version]: ours.version,
        [FACTS.aside]: JSON.stringify(aside),
        [FACTS.shadowOf]: null,
        [FACTS.taken]: takenFact(facts, theirs.values),
      },
    },
    changed: differing(settingsOf(ours.contents).values, values),
    setAside: keysAside(aside),
  };
}

/** In the form of ours. */
function merge(
  ours: VersionContents,
  ranLast: VersionContents,
  known: Knowledge,
): Settings & { readonly theirs: ReturnType<typeof convert> } {
  checkVersion(ranLast);
  const theirs = convert(settingsOf(ranLast.contents), ranLast.version, ours.version, known);
  const own = settingsOf(ours.contents);
  const values = mergeValues(baseOf(ours, ranLast), own.values, theirs.values);
  // Each of both keeps the rules between settings; together they may not, and then those that ran last count.
  return keepsRules(values)
    ? { values, aside: bothAside(own, theirs), theirs }
    : { values: theirs.values, aside: theirs.aside, theirs };
}

/** A file that was copied to another name is not the database of that version. */
function checkVersion({ version, contents }: VersionContents): void {
  const claimed = contents.fact(FACTS.version);
  if (claimed === undefined || claimed === version) return;
  throw new MigratorError(
    "migrator.other-version",
    `Cannot use the settings of ${version}: the database says that it is of ${claimed}`,
  );
}

function differing(
  before: ReadonlyMap<string, StoredValue>,
  after: ReadonlyMap<string, StoredValue>,
): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key)?.value, after.get(key)?.value))
    .toSorted();
}

function keepsRules(values: ReadonlyMap<string, StoredValue>): boolean {
  const plain = new Map([...values].map(([key, { value }]) => [key, value]));
  return (PRODUCT_SCHEMA.broken?.(plain) ?? []).length === 0;
}

function bothAside(ours: Settings, theirs: Settings): AsideValue[] {
  const names = new Set(theirs.aside.map(nameOf));
  return [...theirs.aside, ...ours.aside.filter((entry) => !names.has(nameOf(entry)))];
}

function nameOf({ key, crossing }: AsideValue): string {
  return JSON.stringify([key, crossing?.migration]);
}
