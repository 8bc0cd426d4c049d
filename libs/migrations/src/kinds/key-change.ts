import type { Migration } from "../migration.ts";

/** What a kind of change gives a migration: all but its version and its words. */
export type KeyChangeKind = Pick<Migration, "owns" | "loses" | "forward" | "backward">;
