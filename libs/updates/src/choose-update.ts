import type { Manifest, Release } from "./manifest.ts";
import { compareVersions } from "./version.ts";
import { readyAtMs } from "./waves.ts";

/** The machine that asks. */
export interface Machine {
  readonly variant: string;
  readonly arch: string;
  /** What runs. */
  readonly version: string;
  readonly seed: number;
  /** Version of the slot selector on the disk. */
  readonly selector: number;
  /** Versions that did not get healthy here. */
  readonly failed: ReadonlySet<string>;
}

export interface Wish {
  /** `latest` or exactly this version, which may be an older one. */
  readonly version: string;
  readonly ignoreWaves: boolean;
  /** Take a version that failed here once more. */
  readonly force: boolean;
  readonly nowMs: number;
}

/** Why a release is not for this machine, or not yet. */
export type Obstacle =
  | { readonly kind: "current" }
  | { readonly kind: "older" }
  | { readonly kind: "withdrawn"; readonly maxVersion: string }
  | { readonly kind: "locked"; readonly version: string }
  | { readonly kind: "failed-here" }
  | { readonly kind: "selector"; readonly needs: number }
  | { readonly kind: "wave"; readonly readyAtMs: number };

export interface Judged {
  readonly release: Release;
  /** Undefined: it could be taken now. */
  readonly obstacle: Obstacle | undefined;
}

export interface Choice {
  readonly release: Release | undefined;
  /** The machine runs what has been withdrawn: the chosen one is older. */
  readonly isPullBack: boolean;
  /** All of its variant and architecture, newest first. */
  readonly judged: readonly Judged[];
}

/** Which release the machine is to take now, if any, and why none of the others. Pure. */
export function chooseUpdate(manifest: Manifest, machine: Machine, wish: Wish): Choice {
  const own = manifest.releases
    .filter(({ variant, arch }) => variant === machine.variant && arch === machine.arch)
    .toSorted((a, b) => compareVersions(b.version, a.version));
  const mayGoBack = wish.version === "latest" && isWithdrawn(own, machine.version);
  const judged = own.map((release) => ({
    release,
    obstacle: obstacleOf(release, machine, { ...wish, mayGoBack }),
  }));
  const release = judged.find(({ obstacle }) => obstacle === undefined)?.release;
  const isPullBack =
    mayGoBack && release !== undefined && compareVersions(release.version, machine.version) < 0;
  return { release, isPullBack, judged };
}

/** Every release says the same maximum; were they to differ, the lowest would hold: going back too far beats staying. */
function isWithdrawn(own: readonly Release[], version: string): boolean {
  return own.some(({ max_version: max }) => compareVersions(version, max) > 0);
}

function obstacleOf(
  release: Release,
  machine: Machine,
  wish: Wish & { readonly mayGoBack: boolean },
): Obstacle | undefined {
  const { version, max_version: maxVersion } = release;
  const order = compareVersions(version, machine.version);
  if (order === 0) return { kind: "current" };
  if (compareVersions(version, maxVersion) > 0) return { kind: "withdrawn", maxVersion };
  if (wish.version !== "latest" && compareVersions(version, wish.version) !== 0)
    return { kind: "locked", version: wish.version };
  if (wish.version === "latest" && order < 0 && !wish.mayGoBack) return { kind: "older" };
  if (machine.failed.has(version) && !wish.force) return { kind: "failed-here" };
  if (release.selector > machine.selector) return { kind: "selector", needs: release.selector };
  const readyMs = readyAtMs(release.waves, machine.seed);
  if (!wish.ignoreWaves && wish.nowMs < readyMs) return { kind: "wave", readyAtMs: readyMs };
  return undefined;
}
