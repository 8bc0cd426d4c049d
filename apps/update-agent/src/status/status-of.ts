import type { UpdateImage, UpdatesStatus } from "@ballast/model";
import type { Running } from "../machine/running.ts";
import { bootsNext, isStaged, type Slots } from "../machine/slots.ts";
import { nameOf, type State } from "../state/state.ts";

export interface Facts {
  readonly running: Running;
  readonly slots: Slots;
  readonly state: State;
}

/** What does not follow from the facts: what was and is being done. */
export type Activity = Pick<UpdatesStatus, "most_recent_command" | "progress" | "inhibitors">;

/** The status as the API shows it. Pure. */
export function statusOf(facts: Facts, activity: Activity): UpdatesStatus {
  const { running, slots, state } = facts;
  const { checked } = state;
  const isOtherNext = bootsNext(slots);
  const staged = stagedImage(facts);
  return {
    update_state: updateState(facts),
    available_updates: (checked?.releases ?? [])
      .filter(({ obstacle }) => obstacle === null)
      .map(({ version }) => version),
    chosen_update: imageOf(running, checked?.chosen ?? null),
    active_partition: { image: running.image, next_to_boot: !isOtherNext },
    staging_partition: staged === null ? null : { image: staged, next_to_boot: isOtherNext },
    releases: checked?.releases ?? [],
    failed: state.failed,
    checked_at: checked?.at ?? null,
    pull_back: checked?.pull_back ?? false,
    ...activity,
  };
}

export function updateState({ slots, state }: Facts): UpdatesStatus["update_state"] {
  if (bootsNext(slots)) return "Ready";
  if (isStaged(slots)) return "Staged";
  return state.checked !== null && state.checked.chosen !== null ? "Available" : "Idle";
}

/** What the other slot has that is meant to boot. */
function stagedImage({ running, slots, state }: Facts): UpdateImage | null {
  const { other } = slots;
  if (!other.qualifies && !isStaged(slots)) return null;
  return imageOf(running, nameOf(state, other.root_hash) ?? "unknown");
}

function imageOf({ image }: Running, version: string | null): UpdateImage | null {
  return version === null ? null : { ...image, version };
}
