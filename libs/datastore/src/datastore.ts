import type { DatabaseSync } from "node:sqlite";
import { effectiveSettings, type Change } from "@ballast/model";
import type { Clock } from "@ballast/system";
import { isAccepted } from "./accepted.ts";
import {
  checkWaiting,
  forgetAttempt,
  readAttempt,
  readUndo,
  refuseWhileWaiting,
  writeAttempt,
} from "./attempt.ts";
import type { DatastoreOptions } from "./datastore-options.ts";
import { DatastoreError } from "./datastore-error.ts";
import { etagOf, nextGeneration, readFact, writeFact } from "./facts.ts";
import { readHistory, recordCommit, toRecord, type ValueChange } from "./history.ts";
import { openDatabase, type DatabaseState } from "./open-database.ts";
import { deletePending, listTransactions, putPending, readPending } from "./pending.ts";
import { checkReach, planRestoration, type Restoration } from "./restoration.ts";
import { refuseBrokenRules } from "./rules.ts";
import {
  Provisioned,
  type Attempt,
  type CommitOptions,
  type HistoryEntry,
  type Preview,
  type StoredValue,
} from "./stored.ts";
import { writeFault } from "./write-fault.ts";
import { checkValuesSize, formerRows, onEachSetting, putRows, readValues } from "./values.ts";

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
  readonly #onChange: () => void;
  /** Until pending sets of an earlier boot are dropped. */
  #newBootId: string | undefined;
  #writeFault: string | undefined;

  constructor(options: DatastoreOptions) {
    const { database, state } = openDatabase(options.file, options.mayBegin);
    this.state = state;
    this.#database = database;
    this.#clock = options.clock;
    this.#onChange = options.onChange ?? ((): void => undefined);
    this.#newBootId = options.bootId;
    this.#dropPendingAtStart();
    this.unusable = readValues(database)
      .filter(({ key, value }) => !isAccepted(key, value))
      .map(({ key }) => key);
  }

  /** Why the last write failed, if the disk was the reason; undefined again after one that did not. */
  get writeFault(): string | undefined {
    return this.#writeFault;
  }

  /** What was set, by key. */
  values(): Map<string, StoredValue> {
    // A key that was unusable at the start may have been set anew since.
    const usable = readValues(this.#database).filter(
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
    return etagOf(this.#database);
  }

  /** Puts validated changes into the pending set `tx`, over those that are there. */
  stage(tx: string, changes: readonly Change[]): void {
    this.#transaction(() => {
      putPending(this.#database, tx, changes);
    });
  }

  pending(tx: string): Change[] {
    return readPending(this.#database, tx);
  }

  transactions(): string[] {
    return listTransactions(this.#database);
  }

  /** Forgets a pending set; answers its keys. */
  drop(tx: string): string[] {
    return this.#transaction(() => {
      const keys = this.pending(tx).map(({ key }) => key);
      deletePending(this.#database, tx);
      return keys;
    });
  }

  /** Makes a pending set effective as a whole; answers the keys whose stored value changed. */
  commit(tx: string, options: CommitOptions): string[] {
    return this.#change(() => keysOf(this.#commitPending(tx, options)));
  }

  /** What the same commit would do, or why it would be refused; changes nothing. */
  preview(tx: string, ifMatch?: string): Preview {
    const before = this.effective();
    return this.#translated(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const match = ifMatch === undefined ? {} : { ifMatch };
        const changes = this.#commitPending(tx, { who: "", source: "api", ...match });
        return { changes: changes.map(toRecord), before, after: this.effective() };
      } finally {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      }
    });
  }

  /** The commit that waits to be confirmed. */
  attempt(): Attempt | undefined {
    return readAttempt(this.#database);
  }

  /** Keeps what the waiting commit made. */
  confirm(token: string): void {
    this.#change(() => {
      checkWaiting(this.#database, token);
      forgetAttempt(this.#database);
    });
  }

  /**
   * Puts back what the waiting commit replaced, with the sources it had; answers the keys whose value changed. Rules are
   * not asked: they held before, and nothing else was committed since.
   */
  takeBack(token: string, who: string, note: string): string[] {
    return this.#change(() => {
      checkWaiting(this.#database, token);
      const before = this.values();
      const rows = readUndo(this.#database);
      putRows(this.#database, rows);
      forgetAttempt(this.#database);
      return keysOf(this.#record(before, keysOf(rows), { who, source: "api" }, note));
    });
  }

  /**
   * Stages in `tx` what leads back to the settings right after the commit `id`; the commit before the oldest one of the
   * history is the farthest. `allow` is told the keys and may throw.
   */
  restore(id: number, tx: string, allow?: (keys: readonly string[]) => void): Restoration {
    return this.#transaction(() => {
      const entries = this.history();
      checkReach(entries, id);
      if (this.transactions().includes(tx))
        throw new DatastoreError(
          "datastore.transaction-in-use",
          `Cannot restore into transaction "${tx}": it already holds changes`,
          { hint: "Commit or delete it, or name another one." },
        );
      const live = new Map([...this.values()].map(([key, { value }]) => [key, value]));
      const restoration = planRestoration(entries, id, live);
      allow?.(keysOf(restoration.changes));
      putPending(this.#database, tx, restoration.changes);
      return restoration;
    });
  }

  /** Stores user data and the mark that it was accepted, in one transaction; a second time is refused. */
  provision(changes: readonly Change[], userDataSource: string, who: string): string[] {
    return this.#change(() => {
      if (this.provisioned() !== undefined)
        throw new DatastoreError(
          "datastore.already-provisioned",
          "Cannot accept user data: this machine is already provisioned",
        );
      const changed = this.#apply(changes, { who, source: "user-data" });
      const mark: Provisioned = { source: userDataSource, at: this.#clock.now().toString() };
      writeFact(this.#database, "provisioned", JSON.stringify(mark));
      return keysOf(changed);
    });
  }

  provisioned(): Provisioned | undefined {
    const mark = readFact(this.#database, "provisioned");
    return mark === undefined ? undefined : Provisioned.parse(JSON.parse(mark));
  }

  /** Whether somebody or something has set this setting, also to what this image does not accept. */
  has(key: string): boolean {
    return readValues(this.#database).some((row) => row.key === key);
  }

  /** Stores what the machine made for a setting, unless it is set; answers whether it was stored. */
  generate(key: string, value: unknown, who: string, note: string): boolean {
    return this.#change(() => {
      if (this.has(key)) return false;
      this.#apply([{ key, value }], { who, source: "generated", note });
      return true;
    });
  }

  /** The last 100 commits, newest first; fewer if their values are long. */
  history(): HistoryEntry[] {
    return readHistory(this.#database);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #commitPending(tx: string, options: CommitOptions): ValueChange[] {
    const changes = this.pending(tx);
    if (changes.length === 0)
      throw new DatastoreError(
        "datastore.nothing-pending",
        `Cannot commit transaction "${tx}": nothing is pending`,
      );
    const etag = this.etag();
    if (options.ifMatch !== undefined && options.ifMatch !== etag)
      throw new DatastoreError(
        "datastore.changed-meanwhile",
        `Cannot commit transaction "${tx}": the settings were changed meanwhile`,
        { hint: "Read the settings again and decide anew.", details: { etag } },
      );
    deletePending(this.#database, tx);
    return this.#apply(changes, options);
  }

  #apply(wishes: readonly Change[], options: CommitOptions): ValueChange[] {
    refuseWhileWaiting(this.#database);
    const before = this.values();
    const changes = onEachSetting(wishes, keysOf(readValues(this.#database)));
    const former = formerRows(this.#database, keysOf(changes));
    const { source } = options;
    putRows(
      this.#database,
      changes.map(({ key, value }) => ({
        key,
        value: value === null ? null : JSON.stringify(value),
        source,
      })),
    );
    checkValuesSize(this.#database);
    refuseBrokenRules(this.effective());
    const changed = this.#record(before, keysOf(changes), options, options.note ?? null);
    if (options.attempt !== undefined && changed.length > 0)
      writeAttempt(this.#database, options.attempt, this.#clock.now().toString(), former);
    return changed;
  }

  /** Compares with what was there before and puts the difference into the history. */
  #record(
    before: ReadonlyMap<string, StoredValue>,
    keys: readonly string[],
    { who, source }: CommitOptions,
    note: string | null,
  ): ValueChange[] {
    const after = this.values();
    const changed = keys
      .map((key) => ({
        key,
        old: before.get(key)?.value ?? null,
        value: after.get(key)?.value ?? null,
      }))
      .filter(({ old, value }) => JSON.stringify(old) !== JSON.stringify(value))
      .toSorted((one, two) => (one.key < two.key ? -1 : 1));
    if (changed.length === 0) return changed;
    recordCommit(this.#database, { at: this.#clock.now().toString(), who, source, note }, changed);
    nextGeneration(this.#database);
    return changed;
  }

  /** A disk that takes no writes must not keep the settings from being read. */
  #dropPendingAtStart(): void {
    if (this.#newBootId === undefined || readFact(this.#database, "boot") === this.#newBootId) {
      this.#newBootId = undefined;
      return;
    }
    try {
      this.#transaction(() => undefined);
    } catch (error) {
      if (this.#writeFault === undefined) throw error;
    }
  }

  #change<Result>(act: () => Result): Result {
    const result = this.#transaction(act);
    this.#onChange();
    return result;
  }

  #transaction<Result>(act: () => Result): Result {
    const bootId = this.#newBootId;
    return this.#translated(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        if (bootId !== undefined) this.#dropPending(bootId);
        const result = act();
        this.#database.exec("COMMIT");
        this.#newBootId = undefined;
        this.#writeFault = undefined;
        return result;
      } catch (error) {
        // A failed COMMIT on a full disk may have rolled back by itself.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #dropPending(bootId: string): void {
    this.#database.exec("DELETE FROM pending");
    writeFact(this.#database, "boot", bootId);
  }

  #translated<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      const fault = writeFault(error);
      if (fault === undefined) throw error;
      this.#writeFault = fault.message;
      throw fault;
    }
  }
}

function keysOf(items: readonly { readonly key: string }[]): string[] {
  return items.map(({ key }) => key);
}
