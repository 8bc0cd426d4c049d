import { createMemoryClock } from "@ballast/system";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Datastore, DatastoreError } from "./index.ts";

const API = { who: "local", source: "api" } as const;
const PORTS = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(null));
const tx = fc.constantFrom("a", "b", "c");

/** `enabled: true` breaks a rule for ever in this test, because no certificate is ever set. */
const change = fc.oneof(
  fc.record({ key: fc.constant("motd"), value: fc.constantFrom("x", "y", null) }),
  fc.record({ key: fc.constant("api.remote.port"), value: PORTS }),
  {
    arbitrary: fc.record({ key: fc.constant("api.remote.enabled"), value: fc.boolean() }),
    weight: 1,
  },
);

const step = fc.oneof(
  fc.record({
    act: fc.constant("stage" as const),
    tx,
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ act: fc.constant("commit" as const), tx }),
  fc.record({ act: fc.constant("drop" as const), tx }),
);

type Values = Map<string, unknown>;

/** The rules of transactions in their shortest form, as the oracle. */
class Reference {
  live: Values = new Map();
  readonly pending = new Map<string, Values>();

  stage(name: string, changes: readonly { key: string; value: unknown }[]): void {
    const set: Values = this.pending.get(name) ?? new Map<string, unknown>();
    for (const { key, value } of changes) set.set(key, value);
    this.pending.set(name, set);
  }

  commit(name: string): boolean {
    const set = this.pending.get(name);
    if (set === undefined) return false;
    const merged = new Map([...this.live, ...set]);
    const next = new Map([...merged].filter(([, value]) => value !== null));
    if (next.get("api.remote.enabled") === true) return false;
    this.live = next;
    this.pending.delete(name);
    return true;
  }
}

function isCommitted(store: Datastore, name: string): boolean {
  try {
    store.commit(name, API);
    return true;
  } catch (error) {
    if (error instanceof DatastoreError) return false;
    throw error;
  }
}

describe("Datastore", () => {
  it("keeps pending sets apart and commits each as a whole or not at all", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        using store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
        const reference = new Reference();
        const verdicts: [boolean, boolean][] = [];
        for (const { act, ...rest } of steps) {
          if (act === "stage" && "changes" in rest) {
            store.stage(rest.tx, rest.changes);
            reference.stage(rest.tx, rest.changes);
          } else if (act === "drop") {
            store.drop(rest.tx);
            reference.pending.delete(rest.tx);
          } else {
            verdicts.push([isCommitted(store, rest.tx), reference.commit(rest.tx)]);
          }
          expect(verdicts.filter(([ours, expected]) => ours !== expected)).toEqual([]);
          const live = new Map([...store.values()].map(([key, { value }]) => [key, value]));
          expect(live).toEqual(reference.live);
          for (const name of ["a", "b", "c"]) {
            const pending = new Map(store.pending(name).map(({ key, value }) => [key, value]));
            expect(pending).toEqual(reference.pending.get(name) ?? new Map());
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("leads back to the settings after any commit", () => {
    const commit = fc.array(change, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 12 }), fc.nat(), (commits, pick) => {
        using store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
        const points: Map<string, unknown>[] = [liveValues(store)];
        for (const changes of commits) {
          store.stage("a", changes);
          if (!isCommitted(store, "a")) store.drop("a");
          else if (store.history().length === points.length) points.push(liveValues(store));
        }
        const id = pick % points.length;
        if (store.restore(id, "r").changes.length > 0) store.commit("r", API);
        expect(liveValues(store)).toEqual(points[id]);
      }),
      { numRuns: 150 },
    );
  });

  it("takes a commit back to exactly what was there", () => {
    const commit = fc.array(change, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(commit, commit, (first, second) => {
        using store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
        store.stage("a", first);
        if (!isCommitted(store, "a")) store.drop("a");
        const before = store.values();
        store.stage("b", second);
        try {
          store.commit("b", { ...API, attempt: "t" });
        } catch (error) {
          if (!(error instanceof DatastoreError)) throw error;
        }
        if (store.attempt() !== undefined) store.takeBack("t", "apiserver", "x");
        // A commit that changes no value may still have named another source.
        expect([...store.values().keys()]).toEqual([...before.keys()]);
        expect(liveValues(store)).toEqual(
          new Map([...before].map(([key, { value }]) => [key, value] as const)),
        );
      }),
      { numRuns: 150 },
    );
  });
});

function liveValues(store: Datastore): Map<string, unknown> {
  return new Map([...store.values()].map(([key, { value }]) => [key, value]));
}
