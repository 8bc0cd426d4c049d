import type { DatabaseSync, StatementSync } from "node:sqlite";

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
  const { id, generation } = etagFacts(database).get() ?? {};
  return `"${String(id ?? "").slice(0, 8)}-${String(generation ?? "0")}"`;
}

/** Asked with every request, so it is prepared once. */
const prepared = new WeakMap<DatabaseSync, StatementSync>();

function etagFacts(database: DatabaseSync): StatementSync {
  const known = prepared.get(database);
  if (known !== undefined) return known;
  const statement = database.prepare(
    `SELECT (SELECT value FROM fact WHERE name = 'id') AS id,
      (SELECT value FROM fact WHERE name = 'generation') AS generation`,
  );
  prepared.set(database, statement);
  return statement;
}

export function nextGeneration(database: DatabaseSync): void {
  writeFact(database, "generation", String(Number(readFact(database, "generation") ?? 0) + 1));
}
