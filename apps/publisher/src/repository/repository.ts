import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  readRoot,
  readTargets,
  readVersion,
  signRoot,
  signSnapshot,
  signTargets,
  signTimestamp,
  type RootContent,
  type SigningKey,
  type TargetContent,
  type TargetsContent,
} from "@ballast/tuf/repository";
import { PublisherError } from "../publisher-error.ts";
import { putFile, replaceFile } from "./put-file.ts";

/** `1.root.json` and on; the first group is the version. */
export const ROOT_FILE = /^([1-9]\d*)\.root\.json$/;

/** How long each role's word holds, in days, from when it is given. */
export const LIFE_DAYS = { root: 365, targets: 90, snapshot: 14, timestamp: 7 } as const;

/** Those who sign what changes with a release. */
export interface OnlineKeys {
  readonly targets: readonly SigningKey[];
  readonly snapshot: readonly SigningKey[];
  readonly timestamp: readonly SigningKey[];
}

/** A repository as it lies in a folder: what a file server hands out. */
export interface Repository {
  readonly folder: string;
  readonly root: RootContent;
  readonly targets: TargetsContent;
  readonly snapshotVersion: number;
  readonly timestampVersion: number;
}

export function metadataFolder(folder: string): string {
  return join(folder, "metadata");
}

export function targetsFolder(folder: string): string {
  return join(folder, "targets");
}

/** Where a target lies: consistent snapshots put its hash before its name (TUF 7.4). */
export function targetPath(folder: string, name: string, { sha256 }: TargetContent): string {
  return join(targetsFolder(folder), `${sha256}.${name}`);
}

/** Begins a repository: its root of trust is there, and nothing is published yet. */
export async function createRepository(
  folder: string,
  root: RootContent,
  signers: readonly SigningKey[],
  now: Temporal.Instant,
): Promise<Repository> {
  await mkdir(metadataFolder(folder), { recursive: true });
  await mkdir(targetsFolder(folder), { recursive: true });
  if ((await readdir(metadataFolder(folder))).length > 0)
    throw new PublisherError(
      "publisher.exists",
      `Cannot begin a repository in "${folder}": there is one`,
    );
  await putFile(join(metadataFolder(folder), "1.root.json"), signRoot(root, signers).text, 0o644);
  return {
    ...{ folder, root, snapshotVersion: 0, timestampVersion: 0 },
    targets: { version: 0, expires: now, targets: new Map() },
  };
}

/** Throws PublisherError when there is none, or not a whole one. */
export async function openRepository(folder: string): Promise<Repository> {
  const metadata = metadataFolder(folder);
  try {
    const versions = (await readdir(metadata)).flatMap((name) => ROOT_FILE.exec(name)?.[1] ?? []);
    const newest = Math.max(0, ...versions.map(Number));
    const timestamp = await readFile(join(metadata, "timestamp.json"), "utf8");
    const snapshotVersion = versionIn(timestamp, "snapshot.json");
    const snapshot = await readFile(join(metadata, `${snapshotVersion}.snapshot.json`), "utf8");
    const targetsVersion = versionIn(snapshot, "targets.json");
    return {
      folder,
      root: readRoot(await readFile(join(metadata, `${newest}.root.json`), "utf8")),
      targets: readTargets(
        await readFile(join(metadata, `${targetsVersion}.targets.json`), "utf8"),
      ),
      snapshotVersion,
      timestampVersion: readVersion(timestamp),
    };
  } catch (cause) {
    throw new PublisherError(
      "publisher.bad-repository",
      `Cannot read the repository in "${folder}"`,
      {
        cause,
        hint: "publisher init begins one.",
      },
    );
  }
}

/**
 * Signs and publishes these targets, whose files are in place. The timestamp is the last that is written, by one rename: before
 * it clients see the old state, and what an interrupted run left is not looked at.
 */
export async function publishTargets(
  repository: Repository,
  targets: ReadonlyMap<string, TargetContent>,
  keys: OnlineKeys,
  now: Temporal.Instant,
): Promise<Repository> {
  const metadata = metadataFolder(repository.folder);
  const until = (role: keyof typeof LIFE_DAYS) => now.add({ hours: 24 * LIFE_DAYS[role] });
  const content = { version: repository.targets.version + 1, expires: until("targets"), targets };
  const signed = signTargets(content, keys.targets);
  const snapshotVersion = repository.snapshotVersion + 1;
  const snapshot = signSnapshot(
    { version: snapshotVersion, expires: until("snapshot") },
    signed,
    keys.snapshot,
  );
  const timestampVersion = repository.timestampVersion + 1;
  const timestamp = signTimestamp(
    { version: timestampVersion, expires: until("timestamp") },
    snapshot,
    keys.timestamp,
  );
  await replaceFile(join(metadata, `${signed.version}.targets.json`), signed.text, 0o644);
  await replaceFile(join(metadata, `${snapshotVersion}.snapshot.json`), snapshot.text, 0o644);
  await replaceFile(join(metadata, "timestamp.json"), timestamp.text, 0o644);
  return { ...repository, targets: content, snapshotVersion, timestampVersion };
}

function versionIn(metadata: string, file: string): number {
  const signed = fieldOf(JSON.parse(metadata), "signed");
  const version = fieldOf(fieldOf(fieldOf(signed, "meta"), file), "version");
  if (typeof version !== "number") throw new TypeError(`it does not name a version of ${file}`);
  return version;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
