import { createHash } from "node:crypto";
import { Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { Role } from "@tufjs/models/dist/role.js";
import type { JSONObject } from "@tufjs/models/dist/utils/index.js";
import type { PublicKey, SigningKey } from "./signing-key.ts";

/** The form of the metadata: TUF 1.0. */
const SPEC_VERSION = "1.0.31";
export const ROLE_NAMES = ["root", "targets", "snapshot", "timestamp"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** Whose signatures a role needs, and how many of them. */
export interface RoleKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

interface Dated {
  readonly version: number;
  readonly expires: Temporal.Instant;
}

export interface RootContent extends Dated {
  readonly roles: Readonly<Record<RoleName, RoleKeys>>;
}

/** A file of the repository. */
export interface TargetContent {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface TargetsContent extends Dated {
  readonly targets: ReadonlyMap<string, TargetContent>;
}

/** Signed metadata as they are published. */
export interface Document {
  readonly version: number;
  readonly text: string;
}

export function signRoot(
  { roles, ...dated }: RootContent,
  signers: readonly SigningKey[],
): Document {
  const entries = ROLE_NAMES.map((name) => [name, roleOf(roles[name])] as const);
  const keys = ROLE_NAMES.flatMap((name) => roles[name].keys).map(
    ({ id, key }) => [id, key] as const,
  );
  return document(
    new Root({
      ...common(dated),
      roles: Object.fromEntries(entries),
      keys: Object.fromEntries(keys),
      consistentSnapshot: true,
    }),
    signers,
  );
}

export function signTargets(
  { targets, ...dated }: TargetsContent,
  signers: readonly SigningKey[],
): Document {
  const files = [...targets].map(
    ([path, { sizeBytes: length, sha256 }]) =>
      [path, new TargetFile({ path, length, hashes: { sha256 } })] as const,
  );
  return document(new Targets({ ...common(dated), targets: Object.fromEntries(files) }), signers);
}

export function signSnapshot(
  dated: Dated,
  targets: Document,
  signers: readonly SigningKey[],
): Document {
  return document(
    new Snapshot({ ...common(dated), meta: { "targets.json": metaOf(targets) } }),
    signers,
  );
}

export function signTimestamp(
  dated: Dated,
  snapshot: Document,
  signers: readonly SigningKey[],
): Document {
  return document(new Timestamp({ ...common(dated), snapshotMeta: metaOf(snapshot) }), signers);
}

function common({ version, expires }: Dated) {
  // Whole seconds, as TUF writes time (4.2).
  const seconds = expires.round({ smallestUnit: "second", roundingMode: "floor" });
  return { version, specVersion: SPEC_VERSION, expires: seconds.toString() };
}

function roleOf({ keys, threshold }: RoleKeys): Role {
  return new Role({ keyIDs: keys.map(({ id }) => id), threshold });
}

function metaOf({ version, text }: Document): MetaFile {
  const sha256 = createHash("sha256").update(text).digest("hex");
  return new MetaFile({ version, length: Buffer.byteLength(text), hashes: { sha256 } });
}

function document(
  signed: Root | Targets | Snapshot | Timestamp,
  signers: readonly SigningKey[],
): Document {
  const metadata = new Metadata(signed);
  for (const signer of signers) metadata.sign(signer.sign);
  return { version: signed.version, text: `${JSON.stringify(metadata.toJSON(), undefined, 1)}\n` };
}

/** What published metadata say. Not verified: it is for the maintainer's own copy. */
export function readRoot(text: string): RootContent {
  const { version, expires, roles, keys } = Root.fromJSON(signedOf(text));
  const keysOf = (name: RoleName): RoleKeys => {
    const role = roles[name];
    const ids = role?.keyIDs ?? [];
    const known = ids.flatMap((id) => (keys[id] === undefined ? [] : [{ id, key: keys[id] }]));
    return { keys: known, threshold: role?.threshold ?? 0 };
  };
  return {
    version,
    expires: Temporal.Instant.from(expires),
    roles: {
      root: keysOf("root"),
      targets: keysOf("targets"),
      snapshot: keysOf("snapshot"),
      timestamp: keysOf("timestamp"),
    },
  };
}

/** The same of targets. */
export function readTargets(text: string): TargetsContent {
  const { version, expires, targets } = Targets.fromJSON(signedOf(text));
  const files = Object.entries(targets).map(
    ([name, { length, hashes }]) =>
      [name, { sizeBytes: length, sha256: hashes["sha256"] ?? "" }] as const,
  );
  return { version, expires: Temporal.Instant.from(expires), targets: new Map(files) };
}

/** The same of snapshot and timestamp: they follow from the others but for their version. */
export function readVersion(text: string): number {
  const { version } = signedOf(text);
  if (typeof version !== "number") throw new TypeError("metadata have no version");
  return version;
}

/** Until when metadata of any role hold. */
export function readExpires(text: string): Temporal.Instant {
  const { expires } = signedOf(text);
  if (typeof expires !== "string") throw new TypeError("metadata have no end");
  return Temporal.Instant.from(expires);
}

function signedOf(text: string): JSONObject {
  const json: unknown = JSON.parse(text);
  if (typeof json !== "object" || json === null || !("signed" in json) || !isObject(json.signed))
    throw new TypeError("it is no signed metadata");
  return json.signed;
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
