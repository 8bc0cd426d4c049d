import type { DatabaseSync } from "node:sqlite";

/** Single facts of the database by name. */
export function readFact(database: DatabaseSync, name: string): string | undefined {
  const row = database.prepare("SELECT value FROM fact WHERE name = ?").get(name);
  return row === undefined ? undefined : String(row["value"]);
}

export function writeFact(database: DatabaseSync, name: string, value: string): void {
  database
    .prepare("INSERT INTO fact VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")
    .run(name, value);
}

/** Identifies the committed settings; another database never has the same. */
export function etagOf(database: DatabaseSync): string {
  const id = readFact(database, "id")?.slice(0, 8) ?? "";
  return `"${id}-${readFact(database, "generation") ?? "0"}"`;
}

export function nextGeneration(database: DatabaseSync): void {
  writeFact(database, "generation", String(Number(readFact(database, "generation") ?? 0) + 1));
}
