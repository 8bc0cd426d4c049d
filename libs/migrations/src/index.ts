export { AsideValue, AsideValues } from "./aside.ts";
export { MigrationError, type MigrationErrorCode } from "./errors.ts";
export { defineHistory, type MigrationHistory } from "./history.ts";
export { migrateValues, type Migrated, type MigrateOptions } from "./migrate-values.ts";
export { defineMigration, type Migration } from "./migration.ts";
export { HISTORY } from "./product-history.ts";
export { PRODUCT_SCHEMA } from "./product-schema.ts";
export type { KeyChange, KeyReason, MigrationReport, StepReport } from "./report.ts";
export type { SettingsSchema } from "./settings-schema.ts";
