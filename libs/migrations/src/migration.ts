import type { FlatSettings } from "@ballast/model";

/**
 * How set values of the version before `to` become those of `to`, and back. Both functions are pure: they get copies of
 * the values that the migration owns and reads, and answer all values that it owns in the other form.
 */
export interface Migration {
  /** The first version that has the new form, pre-releases included: with `1.2.0`, `1.2.0-rc.1` has the old one. */
  readonly to: string;
  /** Of `[a-z0-9-]`, unique among those of its version. */
  readonly name: string;
  /** One sentence for release notes and logs. */
  readonly describe: string;
  /**
   * Keys of both forms whose values it may read, set and take away: each stands for everything below it, `*` for any one
   * name, as in `containers.*.image`.
   */
  readonly owns: readonly string[];
  /** Keys that it reads besides, of which none may change. */
  readonly reads?: readonly string[];
  /**
   * Owned keys whose values going forward may lose: they are set aside and come back with the old version. A value of
   * another key that does not come back is an error. Going backward nothing needs to be named here.
   */
  readonly loses?: readonly string[];
  forward(values: FlatSettings): FlatSettings;
  backward(values: FlatSettings): FlatSettings;
}

/** Names the type, so that an editor helps while one is written. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}

/** How messages, reports and values that were set aside name a migration. */
export function migrationId({ to, name }: Migration): string {
  return `${to} ${name}`;
}
