import { UpdatesStatus } from "@ballast/model";
import { expect, it } from "vitest";
import { HASH_1, HASH_2, slots } from "../machine/slots.fixture.ts";
import { NO_STATE, type State } from "../state/state.ts";
import { statusOf } from "./status-of.ts";

const EPOCH = Temporal.Instant.from("1970-01-01T00:00:00Z");

const ACTIVITY = { most_recent_command: null, progress: null, inhibitors: [] };
const running = {
  image: { variant: "standalone", arch: "x86_64", version: "1.0.0" },
  bootId: "x",
  builtAfter: EPOCH,
};
const CHOSEN: State = {
  ...NO_STATE,
  names: [{ version: "1.1.0", root_hash: HASH_2 }],
  checked: {
    ...{ at: "t", by_version: "1.0.0", chosen: "1.1.0", ignore_waves: false, pull_back: false },
    releases: [
      { version: "1.2.0", obstacle: { kind: "failed-here" } },
      { version: "1.1.0", obstacle: null },
    ],
  },
};

it.each([
  ["Idle", NO_STATE, slots(), null, true],
  ["Available", CHOSEN, slots(), null, true],
  ["Staged", CHOSEN, slots({ other: [HASH_2, [0, 2, false]] }), "1.1.0", true],
  ["Staged", NO_STATE, slots({ other: [HASH_2, [0, 2, false]] }), "unknown", true],
  [
    "Ready",
    CHOSEN,
    slots({ running: [HASH_1, [1, 7, true]], other: [HASH_2, [2, 2, false]] }),
    "1.1.0",
    false,
  ],
  // On its last try the running slot is behind the other one for the selector, but nobody asked for that.
  [
    "Idle",
    NO_STATE,
    slots({ running: [HASH_1, [2, 0, false]], other: [HASH_2, [1, 7, true]] }),
    "unknown",
    true,
  ],
  // A trial that was given up leaves a try; that slot was not prepared.
  ["Idle", NO_STATE, slots({ other: [HASH_2, [0, 1, false]] }), null, true],
  ["Idle", NO_STATE, slots({ other: [HASH_2, [1, 0, false]] }), null, true],
] as const)("is %s", (state, known, table, other, runningIsNext) => {
  const status = UpdatesStatus.parse(statusOf({ running, slots: table, state: known }, ACTIVITY));
  expect(status).toMatchObject({
    update_state: state,
    active_partition: { image: running.image, next_to_boot: runningIsNext },
    available_updates: known === CHOSEN ? ["1.1.0"] : [],
  });
  expect(status.staging_partition?.image.version ?? null).toBe(other);
  expect(status.chosen_update?.version ?? null).toBe(known === CHOSEN ? "1.1.0" : null);
});
