import type { SettingsInput } from "@ballast/model";
import type { Deferred } from "./deferred.ts";

/** Some settings as a program writes them: any text may be deferred, and `undefined` means "not set". */
export type SettingsDraft = Draft<SettingsInput>;

type Draft<Value> = Value extends string
  ? Value | Deferred
  : Value extends number | boolean
    ? Value
    : Value extends readonly (infer Entry)[]
      ? readonly Whole<Entry>[]
      : { readonly [Key in keyof Value]?: Draft<Value[Key]> | undefined };

/** An entry of a list has all that its schema asks for: lists are set as a whole. */
type Whole<Value> = Value extends string
  ? Value | Deferred
  : Value extends number | boolean
    ? Value
    : Value extends readonly (infer Entry)[]
      ? readonly Whole<Entry>[]
      : { readonly [Key in keyof Value]: Whole<Value[Key]> };
