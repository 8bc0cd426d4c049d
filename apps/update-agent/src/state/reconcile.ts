import type { FailedUpdate } from "@ballast/model";
import { bootsNext, type Slots } from "../machine/slots.ts";
import type { Running } from "../machine/running.ts";
import { withName, type Named, type State } from "./state.ts";

/** Of a slot with two tries, none of which was good. */
const NOT_HEALTHY = "It did not get healthy, and the machine went back";
const LEFT = "An operator went back to the other slot";
const STOPPED_STARTING = "It had been healthy, but did not start any more";
const MAX_FAILED = 20;

/** What is seen of the machine. */
export interface Seen {
  readonly running: Running;
  readonly slots: Slots;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * The state as it must be by what the partition table says: the table holds whoever changed it, signpost by hand, the selector,
 * or a power cut. Pure, and the same when it is done twice.
 */
export function reconcile(state: State, seen: Seen): State {
  const { running, slots } = seen;
  const own: Named = { version: running.image.version, root_hash: slots.running.root_hash };
  const present = new Set([own.root_hash, slots.other.root_hash]);
  const failure = findFailure(state, seen);
  const kept = state.failed.filter(
    ({ root_hash: hash }) =>
      hash !== failure?.root_hash && !(hash === own.root_hash && slots.running.successful),
  );
  const named = withName(state, own);
  return forget(
    {
      ...named,
      names: named.names.filter(({ root_hash: hash }) => present.has(hash)),
      last_run: { ...own, boot_id: running.bootId },
      activated: stillActivated(state, seen),
      failed: failure === undefined ? kept : [failure, ...kept].slice(0, MAX_FAILED),
    },
    own.version,
    failure,
  );
}

/** What was chosen counts no more once it runs or has failed. */
function forget(state: State, version: string, failure: FailedUpdate | undefined): State {
  const { checked } = state;
  if (checked === null) return state;
  if (checked.by_version !== version) return { ...state, checked: null };
  if (failure === undefined) return state;
  const isFailed = (name: string | null) => name === failure.version;
  return {
    ...state,
    checked: {
      ...checked,
      chosen: isFailed(checked.chosen) ? null : checked.chosen,
      releases: checked.releases.map((release) =>
        isFailed(release.version) && release.obstacle === null
          ? { ...release, obstacle: { kind: "failed-here" } }
          : release,
      ),
    },
  };
}

function stillActivated({ activated }: State, { slots }: Seen): State["activated"] {
  const isThere = activated?.root_hash === slots.other.root_hash;
  return isThere && bootsNext(slots) ? activated : null;
}

/** What ran, or was to run, and did not stay. */
function findFailure(state: State, { running, slots, now }: Seen): FailedUpdate | undefined {
  const gone = whatIsGone(state, running.bootId, slots.running.root_hash);
  if (gone === null || gone.root_hash !== slots.other.root_hash) return undefined;
  const { successful, tries_left: tries } = slots.other;
  const known = { version: gone.version, root_hash: gone.root_hash, at: now };
  if (successful) return { ...known, reason: tries === 0 ? STOPPED_STARTING : LEFT };
  // With both tries left it was never started: somebody cancelled, or it is still to come.
  return tries < 2 ? { ...known, reason: NOT_HEALTHY } : undefined;
}

/** That which was to run in this boot: what was activated before it, else what ran before it. */
function whatIsGone({ activated, last_run: last }: State, bootId: string, hash: string) {
  if (activated !== null && activated.boot_id !== bootId)
    return activated.root_hash === hash ? null : activated;
  return last !== null && last.boot_id !== bootId && last.root_hash !== hash ? last : null;
}
