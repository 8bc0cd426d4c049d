import type { DatabaseContents, Source, StoredValue } from "@ballast/datastore";
import * as z from "zod";

/** What migrator leaves in databases, besides values. */
export const FACTS = {
  /** The version that a database was made for; one that its version made itself has none. */
  version: "version",
  /** What its version cannot hold, for one that can. */
  aside: "aside",
  /** In a database that a newer version made: what the settings of the newer one were. */
  shadowOf: "shadow-of",
  /** What the settings of an older version were when they were last taken over. */
  taken: "taken",
} as const;

const Values = z.record(z.string(), z.unknown());

/** `id` is that of the newer database, `values` are in the form of the newer version. */
const ShadowOf = z.strictObject({ version: z.string(), id: z.string(), values: Values });
export function shadowFact(
  version: string,
  id: string,
  values: ReadonlyMap<string, StoredValue>,
): string {
  return JSON.stringify({ version, id, values: plain(values) } satisfies z.input<typeof ShadowOf>);
}

/** `id` is that of the database of the version `from`, `values` are in the form of the version `form`. */
const Taken = z.strictObject({
  from: z.string(),
  id: z.string(),
  form: z.string(),
  values: Values,
});
type Taken = z.output<typeof Taken>;

export function shadowOf(contents: DatabaseContents): z.output<typeof ShadowOf> | undefined {
  return jsonFact(ShadowOf, contents, FACTS.shadowOf);
}

export function taken(contents: DatabaseContents): Taken | undefined {
  return jsonFact(Taken, contents, FACTS.taken);
}

export function takenFact(
  facts: Omit<Taken, "values">,
  values: ReadonlyMap<string, StoredValue>,
): string {
  return JSON.stringify({ ...facts, values: plain(values) } satisfies Taken);
}

function plain(values: ReadonlyMap<string, StoredValue>): Record<string, unknown> {
  return Object.fromEntries([...values].map(([key, { value }]) => [key, value]));
}

/** What a migration made comes from nobody else. */
export function sourceOf(source: string | undefined): Source {
  return source === "user-data" || source === "api" ? source : "generated";
}

/** Undefined too if it cannot be read: to a merge it is then not known what both began with, and nothing is taken away. */
export function jsonFact<Fact>(
  schema: z.ZodType<Fact>,
  contents: DatabaseContents,
  name: string,
): Fact | undefined {
  const text = contents.fact(name);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
