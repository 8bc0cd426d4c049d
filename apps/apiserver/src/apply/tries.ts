import type { Datastore } from "@ballast/datastore";
import { apiKey, type ServiceReport, type Try, type TryState } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Clock } from "@ballast/system";
import type { Lock } from "./lock.ts";

/** The commit that is taken back unless somebody confirms it. That it waits stands in the database; the time runs here. */
export interface Tries {
  state(): TryState;
  /** Starts the time of the waiting commit. */
  begin(token: string, seconds: number): Try;
  /** Keeps what it made. */
  confirm(token: string): void;
  /** Puts the former settings back and applies them. To be called while the lock is held. */
  takeBack(token: string, who: string, note: string): Promise<TakenBack>;
}

export interface TakenBack {
  readonly changed: readonly string[];
  readonly services: readonly ServiceReport[];
}

export interface TriesParts {
  readonly store: Datastore;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
  /** Aborted when the server stops: what waits is then taken back at the next start. */
  readonly stop: AbortSignal;
  readonly apply: (keys: readonly string[]) => Promise<ServiceReport[]>;
}

/** Who takes back when nobody asks for it. */
export const SELF = "apiserver";
const RETRY_MS = 5000;

interface Running {
  readonly token: string;
  readonly deadline: string;
  readonly end: AbortController;
}

export function createTries(parts: TriesParts): Tries {
  const { store, clock, log } = parts;
  let running: Running | undefined;
  const forget = (token: string): void => {
    if (running?.token !== token) return;
    running.end.abort();
    running = undefined;
  };
  const takeBack: Tries["takeBack"] = async (token, who, note) => {
    const changed = store.takeBack(token, who, note);
    forget(token);
    log.warn("Commit is taken back", { why: note, keys: changed.map(apiKey).join(",") });
    return { changed, services: await parts.apply(changed) };
  };
  return {
    state: () => {
      const waiting = store.attempt();
      if (waiting === undefined) return { waiting: null };
      const deadline = running?.token === waiting.token ? running.deadline : null;
      return { waiting: { token: waiting.token, deadline, keys: waiting.keys.map(apiKey) } };
    },
    begin: (token, seconds) => {
      const deadline = clock.now().add({ seconds }).toString();
      const end = new AbortController();
      running = { token, deadline, end };
      const signal = AbortSignal.any([end.signal, parts.stop]);
      void expire(parts, seconds * 1000, signal, async () => {
        if (store.attempt()?.token !== token) return;
        await takeBack(token, SELF, `Not confirmed in ${seconds} s`);
      });
      return { token, deadline };
    },
    confirm: (token) => {
      store.confirm(token);
      forget(token);
    },
    takeBack,
  };
}

/** Waits, then acts until it succeeds: an operator who cut himself off has nothing but this. */
async function expire(
  { clock, lock, log }: TriesParts,
  waitMs: number,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  for (let pauseMs = waitMs; ; pauseMs = RETRY_MS)
    try {
      await clock.sleep(pauseMs, signal);
      await lock(act);
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.error("Unconfirmed commit is not taken back yet", errorFields(error));
    }
}

/** What an earlier run of the server left unconfirmed does not come into force again. */
export function takeBackAtStart(store: Datastore, log: Log): void {
  const waiting = store.attempt();
  if (waiting === undefined) return;
  const note = "Not confirmed before the server was started again";
  let changed: string[];
  try {
    changed = store.takeBack(waiting.token, SELF, note);
  } catch (error) {
    if (store.writeFault === undefined) throw error;
    // It goes on waiting, and nothing else can be committed: better than no API.
    log.error("Commit that was not confirmed cannot be taken back", errorFields(error));
    return;
  }
  log.warn("Commit is taken back", { why: note, keys: changed.map(apiKey).join(",") });
}
