import type * as z from "zod";

/** A rule that a value breaks. `key` is dotted, without the leading `settings.`; the reason never quotes the value. */
export interface Issue {
  readonly key: string;
  readonly reason: string;
}

/** A file below `/run/ballast/etc` made of the effective values of one group. */
export interface FileTemplate<Value> {
  readonly path: string;
  readonly mode: number;
  /** The whole text, encoded for the file's format. */
  render(value: Value): string;
}

/**
 * A directory below `/run/ballast/etc` whose files depend on the value: each is replaced as a whole, and what is rendered
 * no longer is removed. Nothing else may lie in it.
 */
export interface FileSet<Value> {
  readonly directory: string;
  /** Of each file. */
  readonly mode: number;
  /** Texts by name of the file, encoded for its format. */
  render(value: Value): ReadonlyMap<string, string>;
}

/** A file that is made of more than the values of its own group. */
export interface ComposedFile<Value> {
  readonly path: string;
  readonly mode: number;
  /** Settings of other groups that it holds too, as keys below the group. */
  readonly reads?: readonly {
    readonly group: SettingsGroup;
    readonly keys: readonly string[];
  }[];
  /** A file of the image that it is made from, by absolute path; the image never changes while it runs. */
  readonly imageFile?: string;
  render(value: Value, inputs: RenderInputs): string;
}

export interface RenderInputs {
  /** The effective value of another group, which the file names in `reads`. */
  valueOf<Schema extends z.ZodType>(group: SettingsGroup<Schema>): z.output<Schema>;
  /** The text of `imageFile`. */
  readonly imageText: string;
}

/**
 * What is done to units after files changed. `try-restart` is for those that start after `configured.target`: a plain
 * restart would wait in the boot for what waits for it. `reload` has a unit read its files anew without a pause.
 */
export type UnitVerb = "restart" | "try-restart" | "reload";

/** What must be brought up to date when keys of the group change. */
export interface GroupService<Value> {
  readonly name: string;
  /** Keys below the group that concern this service; all of them when absent. */
  readonly keys?: readonly string[];
  readonly files: readonly FileTemplate<Value>[];
  readonly fileSets?: readonly FileSet<Value>[];
  readonly composedFiles?: readonly ComposedFile<Value>[];
  /** systemd units restarted after the files were written. */
  readonly units: readonly string[];
  /** `restart` when absent. */
  readonly verb?: UnitVerb;
  /** Its files are read when the machine starts: a change of them holds after the next restart of the machine. */
  readonly reboot?: true;
  /** Whether going from one value to the other is complete only after the next restart of the machine. */
  needsReboot?(before: Value, after: Value): boolean;
}

/** What can give a setting its value at boot. The effects are in the API server, under these names. */
export const GENERATOR_NAMES = ["update-seed", "ec2-hostname"] as const;
export type GeneratorName = (typeof GENERATOR_NAMES)[number];

/** A setting that gets a value at boot if nobody has set it; its description says so. The value is kept until it is unset. */
export interface GeneratedKey {
  /** Below the group. */
  readonly key: string;
  readonly by: GeneratorName;
}

export interface SettingsGroup<Schema extends z.ZodType = z.ZodType> {
  /** The effective value of the group: strict, optional only where there is no default. */
  readonly schema: Schema;
  readonly defaults: z.output<Schema>;
  /** Keys below the group that are write-only everywhere. */
  readonly secrets: readonly string[];
  /** Rules between fields; keys of the issues are relative to the group. */
  check(value: z.output<Schema>): readonly Issue[];
  readonly services: readonly GroupService<z.output<Schema>>[];
  readonly generated?: readonly GeneratedKey[];
  /** One sentence for the reference: when a change takes effect, where files and units of `services` do not say it. */
  readonly effect?: string;
}

/** Ties the types of schema, defaults and templates of one group together. */
export function defineGroup<Schema extends z.ZodType>(
  group: SettingsGroup<Schema>,
): SettingsGroup<Schema> {
  return group;
}
