import type { Migration } from "../migration.ts";

/** Every migration of the product, in the order of their versions. A program that makes one adds it here. */
export const MIGRATIONS: readonly Migration[] = [];
