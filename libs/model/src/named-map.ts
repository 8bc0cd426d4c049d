import * as z from "zod";

/** What most things are named by: it can be a host name, the instance of a unit, part of a file's name. */
export const EntryName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: "must be named by 1 to 63 lower-case letters, digits or '-', not starting with '-'",
});

export interface NamedMapOptions<Entry extends z.ZodType> {
  readonly entry: Entry;
  /** Values that an entry has unless they are set; only for entries that are tables. */
  readonly defaults?: Partial<z.output<Entry>>;
  /** Rule for names; {@link EntryName} when absent. Its message goes on from the key. */
  readonly name?: z.ZodString;
  /** The most entries that there can be: what bounds the work that they make. */
  readonly max?: number;
}

// A registry of zod, not a map of ours: it follows a schema through the copies that `.meta()` and `.refine()` make.
const MAPS = z.registry<{ readonly defaults: unknown; readonly max: number | undefined }>();

/**
 * Settings whose names the user chooses: `settings.health.web.http`. An entry comes to be when something below it is set
 * and goes as a whole when its name is set to null.
 */
export function namedMap<Entry extends z.ZodType>({
  entry,
  defaults = {},
  name = EntryName,
  max,
}: NamedMapOptions<Entry>): z.ZodRecord<z.ZodString, Entry> {
  const schema = bounded(z.record(name, entry), max);
  MAPS.add(schema, { defaults, max });
  return schema;
}

/** The same map with other entries: its names and its bound. */
export function mapWith<Entry extends z.core.$ZodType>(map: z.ZodRecord, entry: Entry) {
  return bounded(z.record(map.keyType, entry), MAPS.get(map)?.max);
}

/** Marks the issue of a map with too many entries, which can come to be by two patches that are both good. */
export const TOO_MANY = "too-many-entries";

function bounded<Map extends z.ZodRecord>(map: Map, max: number | undefined): Map {
  if (max === undefined) return map;
  return map.refine((entries) => Object.keys(entries).length <= max, {
    error: `must have at most ${max} entries`,
    params: { rule: TOO_MANY },
  });
}

export function entryDefaults(schema: z.ZodType): unknown {
  return MAPS.get(schema)?.defaults ?? {};
}
