import * as z from "zod";
import type { PartialSettings } from "./nested.ts";
import { GROUPS } from "./registry.ts";
import type { SettingsGroup } from "./settings-group.ts";

export const GROUP_LIST: readonly (readonly [path: string, group: SettingsGroup])[] =
  Object.entries(GROUPS);

// The host forbids code generation from strings; without this zod probes `new Function` at the first parse.
z.config({ jitless: true });

/** Some settings, nested; a key that no group knows is an error at every level. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- PartialSettings is made of the same groups
export const PartialSettingsSchema = tableOf(
  GROUP_LIST.map(([path, group]) => [path, partial(group.schema)]),
) as z.ZodType<PartialSettings>;

/** Every key that can be set. */
export const KEYS: ReadonlySet<string> = new Set(
  GROUP_LIST.flatMap(([path, group]) => leafKeys(group.schema, path)),
);

/** Keys whose values never leave the machine. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(
  GROUP_LIST.flatMap(([path, group]) => group.secrets.map((key) => `${path}.${key}`)),
);

function tableOf(entries: readonly (readonly [string, z.ZodType])[]): z.ZodType {
  const tables = Map.groupBy(entries, ([path]) => path.split(".", 1)[0] ?? path);
  const shape: Record<string, z.ZodType> = {};
  for (const [name, members] of tables) {
    const [first] = members;
    if (members.length === 1 && first?.[0] === name) shape[name] = first[1].optional();
    else
      shape[name] = tableOf(
        members.map(([path, schema]) => [path.slice(name.length + 1), schema] as const),
      ).optional();
  }
  return z.strictObject(shape);
}

function partial(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.partial() : schema;
}

function leafKeys(schema: z.ZodType, path: string): string[] {
  if (!(schema instanceof z.ZodObject)) return [path];
  const fields: [string, unknown][] = Object.entries(schema.shape);
  return fields.flatMap(([name, field]) => {
    const inner = field instanceof z.ZodOptional ? field.unwrap() : field;
    return inner instanceof z.ZodType ? leafKeys(inner, `${path}.${name}`) : [];
  });
}
