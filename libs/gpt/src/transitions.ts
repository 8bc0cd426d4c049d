import type { BootFlags } from "./boot-flags.ts";
import { nextOf, qualifies, type FlagsBySlot, type SlotName } from "./boot-order.ts";
import { SlotError } from "./errors.ts";

/**
 * The slot algebra: what each command makes of the flags of both slots. Pure and idempotent; throws a {@link SlotError}
 * if the flags do not allow it. What holds of all of them, and is tested over all flags there are: the active slot keeps a
 * priority, it is never overtaken by the other but where that is the command, and a fallback is never taken from an
 * active slot that has not proved itself.
 */
export type Transition = (flags: FlagsBySlot, active: SlotName) => FlagsBySlot;

/** Tries of a slot that has proved itself. */
const FULL_TRIES = 7;
/** Tries of a new slot, and of an old one that is given another chance. */
const NEW_TRIES = 2;
const PREFERRED = 2;
const STANDBY = 1;

/**
 * The boot that runs is good. A fallback that used up its tries gets new ones behind the active slot: else, with both
 * used up one day, the selector would stay with one of them for ever, and not even with the one that was good last.
 */
export const markSuccessful: Transition = (flags, active) => {
  const other = flags[otherSlot(active)];
  const own = { priority: keptPriority(flags[active]), triesLeft: FULL_TRIES, successful: true };
  if (!qualifies(other) || other.triesLeft > 0) return both(active, own, other);
  const rested = both(active, own, { ...other, triesLeft: NEW_TRIES });
  return nextOf(rested) === active
    ? rested
    : both(
        active,
        { ...own, priority: PREFERRED },
        { ...rested[otherSlot(active)], priority: STANDBY },
      );
};

/** A clean shutdown is no failed boot: the try it took comes back. An unproven slot still has to prove itself. */
export const refillTries: Transition = (flags, active) =>
  flags[active].successful
    ? both(active, { ...flags[active], triesLeft: FULL_TRIES }, flags[otherSlot(active)])
    : flags;

/** Nothing boots the inactive slot any more but the last resort. Comes before its partitions are written. */
export const clearInactive: Transition = (flags, active) => {
  const name = otherSlot(active);
  if (!flags[active].successful && wouldBoot(flags[name]))
    throw new SlotError(
      "gpt.fallback-needed",
      `Cannot clear slot ${name}: slot ${active} runs but is not marked successful, so ${name} is what the machine falls back to`,
      { hint: "Wait until the running slot is marked successful." },
    );
  return both(active, kept(flags[active]), { priority: 0, triesLeft: 0, successful: false });
};

/** The inactive slot is written completely. It has no priority yet, so it is not booted yet. */
export const markInactiveValid: Transition = (flags, active) => {
  const name = otherSlot(active);
  const inactive = flags[name];
  // On trial already: the tries that it has used stay used.
  if (qualifies(inactive) && !inactive.successful)
    return both(active, kept(flags[active]), inactive);
  requireCleared(inactive, `Cannot mark slot ${name} valid`);
  return both(active, kept(flags[active]), { ...inactive, triesLeft: NEW_TRIES });
};

/** The inactive slot boots next, on trial. Tries that a running trial has used are not given back. */
export const upgradeToInactive: Transition = (flags, active) => {
  const name = otherSlot(active);
  const inactive = flags[name];
  if (inactive.successful)
    throw new SlotError(
      "gpt.slot-successful",
      `Cannot upgrade to slot ${name}: it is marked successful already`,
      {
        hint: "To go back to it use rollback-to-inactive; to write it anew begin with clear-inactive.",
      },
    );
  if (inactive.triesLeft === 0)
    throw new SlotError(
      "gpt.slot-not-valid",
      `Cannot upgrade to slot ${name}: it has no tries left, so it is not marked valid or has failed`,
      { hint: "Write it anew: clear-inactive, the partitions, mark-inactive-valid." },
    );
  const triesLeft = inactive.priority > 0 ? inactive.triesLeft : NEW_TRIES;
  return both(active, steppedBack(flags[active]), { ...inactive, priority: PREFERRED, triesLeft });
};

/** The active slot boots next after all. A proven inactive slot stays behind it as the fallback. */
export const cancelUpgrade: Transition = (flags, active) => {
  const own = flags[active];
  const inactive = flags[otherSlot(active)];
  return both(
    active,
    { ...own, priority: PREFERRED, triesLeft: Math.max(own.triesLeft, own.successful ? 1 : 0) },
    { ...inactive, priority: inactive.successful ? STANDBY : 0 },
  );
};

/** The inactive slot boots next, as it did before. */
export const rollbackToInactive: Transition = (flags, active) => {
  const name = otherSlot(active);
  const inactive = flags[name];
  if (!wouldBoot(inactive))
    throw new SlotError(
      "gpt.slot-not-bootable",
      `Cannot roll back to slot ${name}: it would not boot, it is not successful and has ${inactive.priority === 0 ? "no priority" : "no tries left"}`,
      { hint: "A new slot is booted with upgrade-to-inactive." },
    );
  const triesLeft = inactive.successful
    ? Math.max(inactive.triesLeft, NEW_TRIES)
    : inactive.triesLeft;
  return both(active, steppedBack(flags[active]), { ...inactive, priority: PREFERRED, triesLeft });
};

/** The slot that is not this one. */
export function otherSlot(name: SlotName): SlotName {
  return name === "A" ? "B" : "A";
}

/** Throws unless the slot is out of use, so that its content or its UUIDs may change. */
export function requireCleared(inactive: BootFlags, act: string): void {
  if (inactive.priority === 0 && !inactive.successful) return;
  const state = inactive.successful
    ? "marked successful"
    : `in use with priority ${inactive.priority}`;
  throw new SlotError("gpt.slot-not-cleared", `${act}: it is ${state}`, {
    hint: "Begin with clear-inactive.",
  });
}

/** Once it has a priority. */
function wouldBoot(flags: BootFlags): boolean {
  return flags.successful || qualifies(flags);
}

/** A slot that runs may have come up as the last resort, with priority 0: from now on it is a candidate. */
function kept(flags: BootFlags): BootFlags {
  return { ...flags, priority: keptPriority(flags) };
}

function keptPriority({ priority }: BootFlags): number {
  return Math.max(priority, STANDBY);
}

/** Behind the other one, but with a try, so that it comes before what failed. */
function steppedBack(flags: BootFlags): BootFlags {
  return { ...flags, priority: STANDBY, triesLeft: Math.max(flags.triesLeft, 1) };
}

function both(active: SlotName, own: BootFlags, other: BootFlags): FlagsBySlot {
  return active === "A" ? { A: own, B: other } : { A: other, B: own };
}
