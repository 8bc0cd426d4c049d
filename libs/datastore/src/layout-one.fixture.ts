import { DatabaseSync } from "node:sqlite";

/** Makes a database as version 1 of the layout had it, after so many commits. */
export function makeLayoutOne(file: string, commits: number): void {
  const database = new DatabaseSync(file);
  database.exec(`
    BEGIN;
    CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE pending (tx TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY (tx, key)) STRICT, WITHOUT ROWID;
    CREATE TABLE history (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, source TEXT NOT NULL, changes TEXT NOT NULL
    ) STRICT;
    CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
    INSERT INTO fact VALUES ('id', '12345678-0000-4000-8000-000000000000'), ('generation', '${commits}'),
      ('provisioned', '{"source":"fw-cfg","at":"2026-01-01T00:00:00Z"}');
    INSERT INTO value VALUES ('motd', '"v${commits}"', 'api'), ('api.remote.server-key', '"SECRET"', 'api');
    INSERT INTO pending VALUES ('mine', 'motd', '"p"');
  `);
  const put = database.prepare(
    "INSERT INTO history (at, who, source, changes) VALUES ('2026-01-01T00:00:00Z', 'local', 'api', ?)",
  );
  for (let number = 1; number <= commits; number += 1)
    put.run(
      JSON.stringify([
        { key: "api.remote.server-key", action: "set" },
        { key: "motd", action: "set", value: `v${number}` },
      ]),
    );
  database.exec("COMMIT");
  database.close();
}
