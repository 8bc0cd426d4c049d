import type * as z from "zod";
import type { GROUPS } from "./registry.ts";

type Groups = typeof GROUPS;
type InputByPath = { [Path in keyof Groups]: z.input<Groups[Path]["schema"]> };
type ByPath = { [Path in keyof Groups]: z.output<Groups[Path]["schema"]> };

type Head<Path> = Path extends `${infer First}.${string}` ? First : Path;
type Below<Values, First> = {
  [
    Path in keyof Values as Path extends `${First & string}.${infer Rest}` ? Rest : never
  ]: Values[Path];
};

/** `{"api.remote": R}` → `{api: {remote: R}}`. */
type Nest<Values> = {
  [First in Head<keyof Values> & string]: First extends keyof Values
    ? Values[First]
    : Nest<Below<Values, First>>;
};

type DeepPartial<Value> = Value extends string | number | boolean | readonly unknown[]
  ? Value
  : { [Key in keyof Value]?: DeepPartial<Value[Key]> | undefined };

/** All settings with their effective values. */
export type Settings = Nest<ByPath>;
/** All settings as they are written, before a schema has given them their one form. */
export type SettingsInput = Nest<InputByPath>;
/** Some settings: what a client sends, or reads of a part. */
export type PartialSettings = DeepPartial<Settings>;
