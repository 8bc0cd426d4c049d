import type { DatabaseSync } from "node:sqlite";
import {
  checkRules,
  effectiveSettings,
  isBelow,
  isSecret,
  parsePatch,
  unflatten,
  type Change,
} from "@ballast/model";
import type { Clock } from "@ballast/system";
import { DatastoreError } from "./datastore-error.ts";
import { openDatabase, type DatabaseState } from "./open-database.ts";
import {
  HistoryEntry,
  Provisioned,
  Source,
  type CommitOptions,
  type StoredValue,
} from "./stored.ts";

const HISTORY_LIMIT = 100;
/** Pending sets lie on a small partition; each is bounded by the schema, so their number is too. */
const TRANSACTION_LIMIT = 64;

export interface DatastoreOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly clock: Clock;
  /** Identity of this boot: pending sets of an earlier boot are dropped. */
  readonly bootId?: string;
}

/**
 * The settings that somebody or something set, and pending sets on their way there. All calls are synchronous and
 * each is one SQLite transaction: when a call returned, its effect survives a power cut.
 */
export class Datastore implements Disposable {
  readonly state: DatabaseState;
  /** Keys in the database that this image does not know or accept; they are left alone and not used. */
  readonly unusable: readonly string[];
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(options: DatastoreOptions) {
    const { database, state } = openDatabase(options.file);
    this.state = state;
    this.#database = database;
    this.#clock = options.clock;
    if (options.bootId !== undefined) this.#dropPendingOfOtherBoot(options.bootId);
    this.unusable = this.#rows()
      .filter(({ key, value }) => !isAccepted(key, value))
      .map(({ key }) => key);
  }

  /** What was set, by key. */
  values(): Map<string, StoredValue> {
    // A key that was unusable at the start may have been set anew since.
    const usable = this.#rows().filter(
      ({ key, value }) => !this.unusable.includes(key) || isAccepted(key, value),
    );
    return new Map(usable.map((row) => [row.key, row]));
  }

  /** What was set over the defaults. */
  effective(): Map<string, unknown> {
    return effectiveSettings(new Map([...this.values()].map(([key, { value }]) => [key, value])));
  }

  /** Identifies the committed settings; another database never has the same. */
  etag(): string {
    return `"${this.#fact("id")?.slice(0, 8) ?? ""}-${this.#fact("generation") ?? "0"}"`;
  }

  /** Puts validated changes into the pending set `tx`, over those that are there. */
  stage(tx: string, changes: readonly Change[]): void {
    this.#transaction(() => {
      const names = this.transactions();
      if (!names.includes(tx) && names.length >= TRANSACTION_LIMIT)
        throw new DatastoreError(
          "datastore.too-many-transactions",
          `Cannot begin transaction "${tx}": there are already ${TRANSACTION_LIMIT}`,
          { hint: "Commit or delete pending transactions." },
        );
      const put = this.#database.prepare(
        "INSERT INTO pending VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?3",
      );
      const forget = this.#database.prepare("DELETE FROM pending WHERE tx = ? AND key = ?");
      for (const { key, value } of changes) {
        // An entry that goes takes with it what was wished for it before; wishes that follow make it anew.
        if (value === null)
          for (const earlier of this.pending(tx).filter((wish) => isBelow(wish.key, key)))
            forget.run(tx, earlier.key);
        put.run(tx, key, value === null ? null : JSON.stringify(value));
      }
    });
  }

  pending(tx: string): Change[] {
    return this.#database
      .prepare("SELECT key, value FROM pending WHERE tx = ? ORDER BY key")
      .all(tx)
      .map((row) => ({ key: String(row["key"]), value: fromJson(row["value"]) }));
  }

  transactions(): string[] {
    return this.#database
      .prepare("SELECT DISTINCT tx FROM pending ORDER BY tx")
      .all()
      .map((row) => String(row["tx"]));
  }

  /** Forgets a pending set; answers its keys. */
  drop(tx: string): string[] {
    return this.#transaction(() => {
      const keys = this.pending(tx).map(({ key }) => key);
      this.#database.prepare("DELETE FROM pending WHERE tx = ?").run(tx);
      return keys;
    });
  }

  /** Makes a pending set effective as a whole; answers the keys whose stored value changed. */
  commit(tx: string, options: CommitOptions): string[] {
    return this.#transaction(() => {
      const changes = this.pending(tx);
      if (changes.length === 0)
        throw new DatastoreError(
          "datastore.nothing-pending",
          `Cannot commit transaction "${tx}": nothing is pending`,
        );
      if (options.ifMatch !== undefined && options.ifMatch !== this.etag())
        throw new DatastoreError(
          "datastore.changed-meanwhile",
          `Cannot commit transaction "${tx}": the settings were changed meanwhile`,
          { hint: "Read the settings again and decide anew.", details: { etag: this.etag() } },
        );
      this.#database.prepare("DELETE FROM pending WHERE tx = ?").run(tx);
      return this.#apply(changes, options);
    });
  }

  /** Stores user data and the mark that it was accepted, in one transaction; a second time is refused. */
  provision(changes: readonly Change[], userDataSource: string, who: string): string[] {
    return this.#transaction(() => {
      if (this.provisioned() !== undefined)
        throw new DatastoreError(
          "datastore.already-provisioned",
          "Cannot accept user data: this machine is already provisioned",
        );
      const changed = this.#apply(changes, { who, source: "user-data" });
      const mark: Provisioned = { source: userDataSource, at: this.#clock.now().toString() };
      this.#setFact("provisioned", JSON.stringify(mark));
      return changed;
    });
  }

  provisioned(): Provisioned | undefined {
    const mark = this.#fact("provisioned");
    return mark === undefined ? undefined : Provisioned.parse(JSON.parse(mark));
  }

  /** The last 100 commits, newest first. */
  history(): HistoryEntry[] {
    return this.#database
      .prepare("SELECT at, who, source, changes FROM history ORDER BY id DESC")
      .all()
      .map((row) => HistoryEntry.parse({ ...row, changes: fromJson(row["changes"]) }));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #apply(wishes: readonly Change[], { who, source }: CommitOptions): string[] {
    const before = this.values();
    const changes = onEachSetting(
      wishes,
      this.#rows().map(({ key }) => key),
    );
    const put = this.#database.prepare(
      "INSERT INTO value VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?2, source = ?3",
    );
    const remove = this.#database.prepare("DELETE FROM value WHERE key = ?");
    for (const { key, value } of changes) {
      if (value === null) remove.run(key);
      else put.run(key, JSON.stringify(value), source);
    }
    this.#checkRules();
    const changed = changes.filter(
      ({ key, value }) => JSON.stringify(before.get(key)?.value ?? null) !== JSON.stringify(value),
    );
    if (changed.length > 0) this.#record(changed, who, source);
    return changed.map(({ key }) => key).toSorted();
  }

  #checkRules(): void {
    const issues = checkRules(this.effective());
    const [first] = issues;
    if (first === undefined) return;
    throw new DatastoreError(
      "datastore.rule",
      `Cannot commit settings: "${first.key}" ${first.reason}`,
      { details: { issues } },
    );
  }

  #record(changed: readonly Change[], who: string, source: Source): void {
    const entries = changed.map(({ key, value }) => ({
      key,
      action: value === null ? "unset" : "set",
      ...(value === null || isSecret(key) ? {} : { value }),
    }));
    this.#database
      .prepare("INSERT INTO history (at, who, source, changes) VALUES (?, ?, ?, ?)")
      .run(this.#clock.now().toString(), who, source, JSON.stringify(entries));
    this.#database
      .prepare(`DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ${HISTORY_LIMIT}`)
      .run();
    this.#setFact("generation", String(Number(this.#fact("generation") ?? 0) + 1));
  }

  #dropPendingOfOtherBoot(bootId: string): void {
    if (this.#fact("boot") === bootId) return;
    this.#transaction(() => {
      this.#database.exec("DELETE FROM pending");
      this.#setFact("boot", bootId);
    });
  }

  #rows(): StoredValue[] {
    return this.#database
      .prepare("SELECT key, value, source FROM value ORDER BY key")
      .all()
      .map((row) => ({
        key: String(row["key"]),
        value: fromJson(row["value"]),
        source: Source.parse(row["source"]),
      }));
  }

  #fact(name: string): string | undefined {
    const row = this.#database.prepare("SELECT value FROM fact WHERE name = ?").get(name);
    return row === undefined ? undefined : String(row["value"]);
  }

  #setFact(name: string, value: string): void {
    this.#database
      .prepare("INSERT INTO fact VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")
      .run(name, value);
  }

  #transaction<Result>(act: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = act();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A failed COMMIT on a full disk may have rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

/**
 * The wishes as changes of single settings: an entry of a map that goes is a change of each of its stored settings, unless
 * a wish sets it anew.
 */
function onEachSetting(wishes: readonly Change[], storedKeys: readonly string[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { key, value } of wishes)
    if (value === null)
      for (const stored of storedKeys.filter((candidate) => isBelow(candidate, key)))
        changes.set(stored, { key: stored, value });
  for (const wish of wishes) if (wish.value !== null) changes.set(wish.key, wish);
  return [...changes.values()];
}

function fromJson(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : null;
}

function isAccepted(key: string, value: unknown): boolean {
  return parsePatch(unflatten(new Map([[key, value]]))).ok;
}
