import type { Updater } from "tuf-js";
import { refuseSharedKeys } from "../shared-keys.ts";

/** What the trusted set of tuf-js does with new metadata. */
type Update = "updateRoot" | "updateTimestamp" | "updateSnapshot" | "updateDelegatedTargets";
const UPDATES: readonly Update[] = [
  "updateRoot",
  "updateTimestamp",
  "updateSnapshot",
  "updateDelegatedTargets",
];

export interface StrictStore {
  /** Follows the chain of roots by one that was kept (5.3.4 to 5.3.8). Throws what tuf-js or the rules below have against it. */
  readonly followRoot: (bytes: Buffer) => void;
  /** Every root that was followed, in order. */
  readonly roots: readonly { readonly version: number; readonly bytes: Buffer }[];
  readonly rootVersion: () => number;
}

export interface StrictOptions {
  /** Against which expiry is judged (5.1); undefined: nothing is expired. */
  readonly now: Temporal.Instant | undefined;
  /** Told of each fault as it is: tuf-js makes texts of some. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Closes what tuf-js leaves open: the time of the refresh is the caller's (5.1); a key that stands under two identifiers counts
 * once towards a threshold (TUF 4.3: a threshold is a number of keys), here by refusing metadata that have such a key.
 * The trusted set is private to tuf-js, so this file is what a new version of it must be checked against; the tests notice.
 */
export function makeStrict(updater: Updater, { now, onFault }: StrictOptions): StrictStore {
  const store = updater["trustedSet"];
  // Nothing ends before 1970.
  store["referenceTime"] = new Date(now?.epochMilliseconds ?? 0);
  const roots: { version: number; bytes: Buffer }[] = [];
  for (const name of UPDATES) {
    const update: unknown = store[name];
    if (typeof update !== "function") throw new TypeError(`tuf-js has no ${name}`);
    Object.defineProperty(store, name, {
      value: (bytes: Buffer, ...rest: unknown[]): unknown => {
        try {
          refuseSharedKeys(bytes);
          const result: unknown = Reflect.apply(update, store, [bytes, ...rest]);
          if (name === "updateRoot") roots.push({ version: store.root.signed.version, bytes });
          return result;
        } catch (error) {
          onFault(error);
          throw error;
        }
      },
    });
  }
  return {
    followRoot: (bytes) => {
      store.updateRoot(bytes);
    },
    roots,
    rootVersion: () => store.root.signed.version,
  };
}
