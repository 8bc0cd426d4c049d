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
}

// A registry of zod, not a map of ours: it follows a schema through the copies that `.meta()` and `.refine()` make.
const DEFAULTS = z.registry<{ readonly defaults: unknown }>();

/**
 * Settings whose names the user chooses: `settings.health.web.http`. An entry comes to be when something below it is set
 * and goes as a whole when its name is set to null.
 */
export function namedMap<Entry extends z.ZodType>({
  entry,
  defaults = {},
  name = EntryName,
}: NamedMapOptions<Entry>): z.ZodRecord<z.ZodString, Entry> {
  const schema = z.record(name, entry);
  DEFAULTS.add(schema, { defaults });
  return schema;
}

export function entryDefaults(schema: z.ZodType): unknown {
  return DEFAULTS.get(schema)?.defaults ?? {};
}
