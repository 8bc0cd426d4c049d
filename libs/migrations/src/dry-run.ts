import { flatten, isTable, unflatten, type FlatSettings } from "@ballast/model";
import { compareVersions } from "@ballast/updates";
import { MigrationError } from "./errors.ts";
import type { MigrationHistory } from "./history.ts";
import { migrateValues } from "./migrate-values.ts";
import { HISTORY } from "./product-history.ts";
import { PRODUCT_SCHEMA } from "./product-schema.ts";
import type { KeyReason, MigrationReport } from "./report.ts";
import type { SettingsSchema } from "./settings-schema.ts";

export interface DryRun {
  readonly report: MigrationReport;
  /** What the version `from` itself would not take of the settings that were given. */
  readonly refused: readonly KeyReason[];
  /** The settings in the form of `to`, nested, without secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Keys of `to` whose values are left out above. */
  readonly secrets: readonly string[];
}

/**
 * What would become of settings, for the author of a migration. `document` is a table of settings, or one with the table
 * `settings`, as user data and `GET /settings` have them. Throws MigrationError.
 */
export function dryRun(
  document: unknown,
  from: string,
  to: string,
  history: MigrationHistory = HISTORY,
): DryRun {
  const values = settingsIn(document);
  const { report, values: after } = migrateValues(
    values,
    from,
    to,
    history,
    schemaFor(to, history),
  );
  const schemas = [history.schemas.get(from), history.schemas.get(to), PRODUCT_SCHEMA];
  const secrets = [...after.keys()].filter((key) => schemas.some((one) => one?.isSecret?.(key)));
  return {
    report,
    refused: [...(history.schemas.get(from)?.refused(values) ?? [])].map(([key, reason]) => ({
      key,
      reason,
    })),
    settings: unflatten(new Map([...after].filter(([key]) => !secrets.includes(key)))),
    secrets,
  };
}

/** A version that was not released yet is the one that the code is of, if it is newer than all that were. */
function schemaFor(version: string, history: MigrationHistory): { schema?: SettingsSchema } {
  const released = history.schemas.get(version);
  if (released !== undefined) return { schema: released };
  const isNewest = [...history.schemas.keys()].every((one) => compareVersions(one, version) < 0);
  return isNewest ? { schema: PRODUCT_SCHEMA } : {};
}

function settingsIn(document: unknown): FlatSettings {
  const inner =
    isTable(document) && isTable(document["settings"]) ? document["settings"] : document;
  if (!isTable(inner))
    throw new MigrationError(
      "migrations.bad-settings",
      "Cannot migrate settings: the document is no table of settings",
    );
  const values = flatten(inner);
  const unset = [...values].find(([, value]) => value === null);
  if (unset === undefined) return values;
  throw new MigrationError(
    "migrations.bad-settings",
    `Cannot migrate settings: "${unset[0]}" is null, which is no value`,
  );
}
