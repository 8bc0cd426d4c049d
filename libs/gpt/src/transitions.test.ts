import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cancelUpgrade,
  clearInactive,
  markInactiveValid,
  markSuccessful,
  nextOf,
  otherSlot,
  qualifies,
  refillTries,
  rollbackToInactive,
  SlotError,
  upgradeToInactive,
  type BootFlags,
  type FlagsBySlot,
  type SlotName,
  type Transition,
} from "./index.ts";

const TRANSITIONS = {
  markSuccessful,
  refillTries,
  clearInactive,
  markInactiveValid,
  upgradeToInactive,
  cancelUpgrade,
  rollbackToInactive,
} satisfies Record<string, Transition>;

/** "2/7/s" is priority 2, 7 tries left, successful. */
function flagsOf(text: string): BootFlags {
  const [priority, triesLeft, successful] = text.split("/");
  return {
    priority: Number(priority),
    triesLeft: Number(triesLeft),
    successful: successful === "s",
  };
}

function textOf({ priority, triesLeft, successful }: BootFlags): string {
  return `${priority}/${triesLeft}${successful ? "/s" : ""}`;
}

const ALL: readonly BootFlags[] = Array.from({ length: 512 }, (_, bits) => ({
  priority: bits & 15,
  triesLeft: (bits >> 4) & 15,
  successful: bits >> 8 === 1,
}));

interface Case {
  readonly before: FlagsBySlot;
  readonly active: SlotName;
  /** Undefined: refused. */
  readonly after: FlagsBySlot | undefined;
}

/** Every case that breaks the rule, of all flags that both slots can have; by A's point of view and by B's. */
function breaches(transition: Transition, holds: (each: Case) => boolean): string[] {
  const found: string[] = [];
  for (const a of ALL)
    for (const b of ALL)
      for (const active of ["A", "B"] as const) {
        const before = { A: a, B: b };
        const after = attempt(transition, before, active);
        if (!holds({ before, active, after }))
          found.push(`active ${active}: A ${textOf(a)}, B ${textOf(b)}`);
      }
  return found.slice(0, 5);
}

function attempt(
  transition: Transition,
  before: FlagsBySlot,
  active: SlotName,
): FlagsBySlot | undefined {
  try {
    return transition(before, active);
  } catch (error) {
    if (error instanceof SlotError) return undefined;
    throw error;
  }
}

function isEqual(left: BootFlags, right: BootFlags): boolean {
  return (
    left.priority === right.priority &&
    left.triesLeft === right.triesLeft &&
    left.successful === right.successful
  );
}

describe("each transition", () => {
  it.each([
    // What is asked, of whom, A and B before, A and B after.
    ["markSuccessful", "A", "1/2", "0/0", "1/7/s", "0/0"],
    ["markSuccessful", "B", "1/7/s", "2/1", "1/7/s", "2/7/s"],
    // Booted as the last resort.
    ["markSuccessful", "A", "0/0", "2/0", "1/7/s", "2/0"],
    // A rotted and gave way: it gets two tries, behind B.
    ["markSuccessful", "B", "2/0/s", "1/6/s", "1/2/s", "2/7/s"],
    ["markSuccessful", "A", "2/6/s", "1/0/s", "2/7/s", "1/2/s"],
    // A rollback that waits for the reboot stays.
    ["markSuccessful", "A", "1/7/s", "2/7/s", "1/7/s", "2/7/s"],
    ["refillTries", "A", "1/4/s", "0/0", "1/7/s", "0/0"],
    ["refillTries", "B", "1/7/s", "2/1", "1/7/s", "2/1"],
    ["clearInactive", "A", "1/7/s", "1/7/s", "1/7/s", "0/0"],
    ["clearInactive", "A", "1/1", "2/0", "1/1", "0/0"],
    ["clearInactive", "A", "0/0", "0/1", "1/0", "0/0"],
    ["markInactiveValid", "A", "1/7/s", "0/0", "1/7/s", "0/2"],
    ["markInactiveValid", "A", "1/7/s", "2/1", "1/7/s", "2/1"],
    ["upgradeToInactive", "A", "1/7/s", "0/2", "1/7/s", "2/2"],
    ["upgradeToInactive", "B", "0/2", "2/7/s", "2/2", "1/7/s"],
    // One try is gone: asking again does not give it back.
    ["upgradeToInactive", "A", "1/7/s", "2/1", "1/7/s", "2/1"],
    ["upgradeToInactive", "A", "1/0", "0/2", "1/1", "2/2"],
    ["cancelUpgrade", "A", "1/7/s", "2/2", "2/7/s", "0/2"],
    // The proven fallback stays one.
    ["cancelUpgrade", "A", "1/7/s", "2/7/s", "2/7/s", "1/7/s"],
    ["cancelUpgrade", "A", "1/0/s", "2/7/s", "2/1/s", "1/7/s"],
    ["rollbackToInactive", "B", "1/7/s", "2/7/s", "2/7/s", "1/7/s"],
    // To one that used up its tries: two more, and back to B if it fails again.
    ["rollbackToInactive", "B", "1/0/s", "2/0/s", "2/2/s", "1/1/s"],
    ["rollbackToInactive", "B", "0/7/s", "2/1", "2/7/s", "1/1"],
  ] as const)("%s on %s: %s, %s", (name, active, a, b, afterA, afterB) => {
    const after = TRANSITIONS[name]({ A: flagsOf(a), B: flagsOf(b) }, active);
    expect([textOf(after.A), textOf(after.B)]).toEqual([afterA, afterB]);
  });

  it.each([
    ["clearInactive", "2/1", "1/7/s", "B is what the machine falls back to"],
    ["clearInactive", "2/1", "1/1", "slot A runs but is not marked successful"],
    ["markInactiveValid", "1/7/s", "1/7/s", "Cannot mark slot B valid: it is marked successful"],
    ["markInactiveValid", "1/7/s", "2/0", "it is in use with priority 2"],
    ["upgradeToInactive", "1/7/s", "0/0", "it has no tries left"],
    ["upgradeToInactive", "1/7/s", "2/0", "it has no tries left"],
    ["upgradeToInactive", "1/7/s", "1/7/s", "it is marked successful already"],
    ["rollbackToInactive", "1/7/s", "0/0", "it is not successful and has no priority"],
    ["rollbackToInactive", "1/7/s", "0/2", "it is not successful and has no priority"],
    ["rollbackToInactive", "1/7/s", "2/0", "it is not successful and has no tries left"],
  ] as const)("%s is refused: %s, %s", (name, a, b, reason) => {
    const refused = (): unknown => TRANSITIONS[name]({ A: flagsOf(a), B: flagsOf(b) }, "A");
    expect(refused).toThrow(SlotError);
    expect(refused).toThrow(reason);
  });
});

describe("over all flags of both slots", () => {
  // A million refusals, none of which is printed.
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it.each(Object.entries(TRANSITIONS))(
    "%s changes nothing the second time",
    (_name, transition) => {
      expect(
        breaches(transition, ({ after, active }) => {
          if (after === undefined) return true;
          const again = attempt(transition, after, active);
          return again !== undefined && isEqual(again.A, after.A) && isEqual(again.B, after.B);
        }),
      ).toEqual([]);
    },
  );

  it.each(Object.entries(TRANSITIONS))(
    "%s leaves the active slot at least what it had, and a proven one a candidate",
    (name, transition) => {
      expect(
        breaches(transition, ({ before, active, after }) => {
          if (after === undefined) return true;
          const [was, is] = [before[active], after[active]];
          return (
            is.successful >= was.successful &&
            is.triesLeft >= Math.min(was.triesLeft, is.successful ? 7 : 15) &&
            (is.priority > 0 || (name === "refillTries" && was.priority === 0))
          );
        }),
      ).toEqual([]);
    },
  );

  it.each([
    ["upgradeToInactive", true],
    ["rollbackToInactive", true],
    ["cancelUpgrade", false],
    ["clearInactive", false],
  ] as const)("after %s the inactive slot boots next: %s", (name, isInactive) => {
    expect(
      breaches(TRANSITIONS[name], ({ active, after }) => {
        if (after === undefined) return true;
        // A trial without tries left cannot be kept from falling back to the proven slot.
        if (name === "cancelUpgrade" && !qualifies(after[active])) return true;
        return (nextOf(after) !== active) === isInactive;
      }),
    ).toEqual([]);
  });

  it("marking leaves no fallback that is proven but has no tries, and gives it no precedence", () => {
    expect(
      breaches(markSuccessful, ({ before, active, after }) => {
        if (after === undefined) return false;
        const other = otherSlot(active);
        const wasSpent = qualifies(before[other]) && before[other].triesLeft === 0;
        if (!wasSpent) return isEqual(after[other], before[other]);
        return after[other].triesLeft > 0 && after[other].successful && nextOf(after) === active;
      }),
    ).toEqual([]);
  });

  it.each(Object.entries(TRANSITIONS))(
    "%s takes a proven fallback away from nobody, but clearing from a slot that is proven itself",
    (name, transition) => {
      expect(
        breaches(transition, ({ before, active, after }) => {
          const other = otherSlot(active);
          if (after === undefined || !before[other].successful) return true;
          if (name === "clearInactive") return before[active].successful;
          return (
            after[other].successful && (before[other].priority === 0 || after[other].priority > 0)
          );
        }),
      ).toEqual([]);
    },
  );
});
