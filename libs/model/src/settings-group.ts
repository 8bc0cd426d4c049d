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

/** What must be brought up to date when keys of the group change. */
export interface GroupService<Value> {
  readonly name: string;
  /** Keys below the group that concern this service; all of them when absent. */
  readonly keys?: readonly string[];
  readonly files: readonly FileTemplate<Value>[];
  /** systemd units restarted after the files were written. */
  readonly units: readonly string[];
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
  /** One sentence for the reference: when a change takes effect, where files and units of `services` do not say it. */
  readonly effect?: string;
}

/** Ties the types of schema, defaults and templates of one group together. */
export function defineGroup<Schema extends z.ZodType>(
  group: SettingsGroup<Schema>,
): SettingsGroup<Schema> {
  return group;
}
