import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HASH_1, HASH_2, HASH_3, slots } from "../machine/slots.fixture.ts";
import type { Slots } from "../machine/slots.ts";
import { reconcile, type Seen } from "./reconcile.ts";
import { NO_STATE, State } from "./state.ts";

const EPOCH = Temporal.Instant.from("1970-01-01T00:00:00Z");

const NOW = "2026-06-01T00:00:00Z";

function seen(version: string, bootId: string, table: Slots): Seen {
  return {
    running: {
      image: { variant: "standalone", arch: "x86_64", version },
      ...{ bootId, builtAfter: EPOCH },
    },
    slots: table,
    now: NOW,
  };
}

function checked(byVersion: string, chosen: string | null): NonNullable<State["checked"]> {
  return {
    ...{ at: NOW, by_version: byVersion, chosen, ignore_waves: false, pull_back: false },
    releases: [
      { version: "1.1.0", obstacle: null },
      { version: "1.0.0", obstacle: { kind: "current" } },
    ],
  };
}

/** 1.1.0 was activated on 1.0.0 in boot `one`. */
const ACTIVATED: State = {
  ...NO_STATE,
  names: [
    { version: "1.0.0", root_hash: HASH_1 },
    { version: "1.1.0", root_hash: HASH_2 },
  ],
  last_run: { version: "1.0.0", root_hash: HASH_1, boot_id: "one" },
  activated: { version: "1.1.0", root_hash: HASH_2, boot_id: "one" },
  checked: checked("1.0.0", "1.1.0"),
};

const ready = slots({ running: [HASH_1, [1, 7, true]], other: [HASH_2, [2, 2, false]] });
const onTrial = slots({
  active: "B",
  running: [HASH_2, [2, 1, false]],
  other: [HASH_1, [1, 7, true]],
});
const fellBack = slots({ running: [HASH_1, [1, 7, true]], other: [HASH_2, [2, 0, false]] });

describe("reconcile()", () => {
  it("keeps what was activated until the machine restarts", () => {
    expect(reconcile(ACTIVATED, seen("1.0.0", "one", ready))).toEqual(ACTIVATED);
  });

  it("keeps it over a boot in which the selector never came to it", () => {
    const state = reconcile(ACTIVATED, seen("1.0.0", "two", ready));
    expect(state).toMatchObject({ activated: ACTIVATED.activated, failed: [] });
  });

  it("takes it for done when it runs, and what was chosen before for past", () => {
    const state = reconcile(ACTIVATED, seen("1.1.0", "two", onTrial));
    expect(state).toMatchObject({
      activated: null,
      checked: null,
      failed: [],
      last_run: { version: "1.1.0", root_hash: HASH_2, boot_id: "two" },
    });
  });

  it.each([
    ["at once", ACTIVATED],
    ["after it was seen to run", reconcile(ACTIVATED, seen("1.1.0", "two", onTrial))],
  ])("knows a release that failed its trial, %s", (_, before) => {
    const withCheck = { ...before, checked: checked("1.0.0", "1.1.0") };
    const state = reconcile(withCheck, seen("1.0.0", "four", fellBack));
    expect(state.failed).toEqual([
      { version: "1.1.0", root_hash: HASH_2, at: NOW, reason: expect.stringContaining("healthy") },
    ]);
    expect(state.activated).toBeNull();
    expect(state.checked).toMatchObject({
      chosen: null,
      releases: [
        { version: "1.1.0", obstacle: { kind: "failed-here" } },
        { obstacle: { kind: "current" } },
      ],
    });
  });

  it("knows a proven release that an operator left, and forgets it when he goes back", () => {
    const proven = slots({
      active: "B",
      running: [HASH_2, [2, 7, true]],
      other: [HASH_1, [1, 7, true]],
    });
    const updated = reconcile(ACTIVATED, seen("1.1.0", "two", proven));
    const left = slots({ running: [HASH_1, [2, 7, true]], other: [HASH_2, [1, 7, true]] });
    const back = reconcile(updated, seen("1.0.0", "three", left));
    expect(back.failed).toMatchObject([
      { version: "1.1.0", reason: expect.stringContaining("operator") },
    ]);
    const again = reconcile(back, seen("1.1.0", "four", proven));
    expect(again.failed).toMatchObject([{ version: "1.0.0" }]);
  });

  it("tells a proven release that does not start any more from one that was left", () => {
    const rotten = slots({ running: [HASH_1, [2, 7, true]], other: [HASH_2, [2, 0, true]] });
    const before = { ...NO_STATE, last_run: { ...ACTIVATED.activated!, boot_id: "two" } };
    expect(reconcile(before, seen("1.0.0", "three", rotten)).failed).toMatchObject([
      { version: "1.1.0", reason: expect.stringContaining("start") },
    ]);
  });

  it("sees that somebody cancelled by signpost", () => {
    const staged = slots({ running: [HASH_1, [2, 7, true]], other: [HASH_2, [0, 2, false]] });
    for (const boot of ["one", "two"]) {
      const state = reconcile(ACTIVATED, seen("1.0.0", boot, staged));
      expect(state).toMatchObject({ activated: null, failed: [] });
      expect(state.names).toContainEqual({ version: "1.1.0", root_hash: HASH_2 });
    }
  });

  it("says nothing of a release whose slot holds another one by now", () => {
    const rewritten = slots({ other: [HASH_3, [0, 0, false]] });
    const state = reconcile(ACTIVATED, seen("1.0.0", "two", rewritten));
    expect(state).toMatchObject({ activated: null, failed: [] });
    expect(state.names).toEqual([{ version: "1.0.0", root_hash: HASH_1 }]);
  });

  it("believes the table that the running slot is another release than the state says", () => {
    const wrong = { ...NO_STATE, names: [{ version: "9.9.9", root_hash: HASH_1 }] };
    expect(reconcile(wrong, seen("1.0.0", "one", slots())).names).toEqual([
      { version: "1.0.0", root_hash: HASH_1 },
    ]);
  });

  it("is the same when it is done twice, and is a state that can be kept, from any state and table", () => {
    const hash = fc.constantFrom(HASH_1, HASH_2, HASH_3);
    const version = fc.constantFrom("1.0.0", "1.1.0", "1.2.0");
    const boot = fc.constantFrom("one", "two", "three");
    const run = fc.option(fc.record({ version, root_hash: hash, boot_id: boot }));
    const flags = fc.tuple(fc.nat(3), fc.nat(7), fc.boolean());
    const failed = fc.record({
      version,
      root_hash: hash,
      at: fc.constant(NOW),
      reason: fc.string(),
    });
    const state = fc.record({
      schema: fc.constant(1 as const),
      names: fc.array(fc.record({ version, root_hash: hash }), { maxLength: 3 }),
      last_run: run,
      activated: run,
      failed: fc.array(failed, { maxLength: 3 }),
      checked: fc.option(fc.record({ by: version, chosen: fc.option(version) })),
    });
    fc.assert(
      fc.property(state, version, boot, hash, hash, flags, flags, (found, own, id, ...table) => {
        const [running, other, runningFlags, otherFlags] = table;
        fc.pre(running !== other);
        const now = seen(
          own,
          id,
          slots({ running: [running, runningFlags], other: [other, otherFlags] }),
        );
        const before = {
          ...found,
          checked: found.checked === null ? null : checked(found.checked.by, found.checked.chosen),
        };
        const once = reconcile(before, now);
        expect(State.parse(once)).toEqual(once);
        expect(reconcile(once, now)).toEqual(once);
        // What runs well never counts as failed, and what failed just now is never what was chosen.
        const failedHashes = once.failed.map((one) => one.root_hash);
        expect(now.slots.running.successful && failedHashes.includes(running)).toBe(false);
        const fresh = once.failed.filter((one) => !new Set<object>(before.failed).has(one));
        expect(fresh.map((one) => one.version)).not.toContain(once.checked?.chosen);
      }),
    );
  });
});
