import * as z from "zod";
import { Explanation } from "./explanation.ts";
import { Role } from "./role.ts";

/** Where a value comes from; null where there is none. */
export const ValueSource = z.enum(["default", "generated", "user-data", "api"]);
export type ValueSource = z.output<typeof ValueSource>;

const state = {
  /** The effective value; null when there is none, and for a secret, for tables and for maps. */
  value: z.unknown(),
  /** Null when there is no value, and for tables and maps. Of a secret it tells whether it is set. */
  source: ValueSource.nullable(),
};

/** What a setting means and how it stands on this machine. */
export const SettingExplanation = z.strictObject({
  ...Explanation.shape,
  ...state,
  /** Who may write it while the settings are as they are. */
  role: Role,
  /** What lies in a table or a map; the empty key has the groups. `<name>` stands for an entry that is not there yet. */
  children: z.array(
    z.strictObject({
      key: z.string(),
      kind: Explanation.shape.kind,
      secret: z.boolean(),
      description: z.string().nullable(),
      ...state,
    }),
  ),
});
export type SettingExplanation = z.output<typeof SettingExplanation>;
