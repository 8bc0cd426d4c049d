import { Key } from "@tufjs/models";
import {
  days,
  KEYS,
  newKey,
  NOW,
  publish,
  root,
  sha256,
  STRANGER,
  type Files,
  type Publication,
} from "@ballast/tuf/fixture";
import type { Case, Step } from "./both-clients.ts";

/** A case with what must come of its steps. Where the other client is laxer, that is its own word, and the reason stands beside. */
export interface Attack extends Case {
  readonly ours: readonly string[];
  readonly oracle: readonly string[];
}

type Expected = readonly [ours: string, oracle: string];
const TRUSTED: Expected = ["trusted", "trusted"];
const EXPIRED: Expected = ["tuf.expired", "ExpiredMetadataError"];
const ROLLBACK: Expected = ["tuf.rollback", "BadVersionNumberError"];
const CONTENT: Expected = ["tuf.wrong-content", "LengthOrHashMismatchError"];
const THRESHOLD: Expected = ["tuf.threshold", "UnsignedMetadataError"];
const BAD_JSON: Expected = ["tuf.bad-metadata", "DeserializationError"];
const TOO_LONG: Expected = ["tuf.too-long", "DownloadLengthMismatchError"];

interface Judged extends Partial<Step> {
  readonly server: Files;
  readonly expected: Expected;
}

function attack(name: string, ...steps: readonly Judged[]): Attack {
  return {
    name,
    trustedRoot: root(1),
    steps: steps.map(({ server, now = NOW, read }) => ({
      ...{ server, now },
      ...(read === undefined ? {} : { read }),
    })),
    ours: steps.map(({ expected }) => expected[0]),
    oracle: steps.map(({ expected }) => expected[1]),
  };
}

/** One state after another, as a mirror that keeps all has them. */
function states(...publications: readonly Publication[]): Files {
  return new Map(publications.flatMap((one) => [...publish(one)]));
}

function withFile(files: Files, path: string, body: string | Buffer): Files {
  return new Map([...files, [path, body]]);
}

function withRoots(files: Files, ...roots: readonly (readonly [version: number, text: string])[]) {
  return new Map([
    ...files,
    ...roots.map(([version, text]) => [`/metadata/${version}.root.json`, text] as const),
  ]);
}

const later = (count: number) => days(count).toString();
const whole = states({ version: 1 });
const known: Judged = { server: states({ version: 5 }), expected: TRUSTED };
const read = "a.txt";
const file = (text: string) => `/targets/${sha256(text)}.${read}`;

/** One key after another, each named by the root that the one before signed. */
function chain(length: number): (readonly [number, string])[] {
  let signers: readonly ReturnType<typeof newKey>[] = KEYS.root;
  return Array.from({ length }, (_, index) => {
    const fresh = [newKey(), newKey()];
    const roles = rolesWith(fresh);
    const text = root(index + 2, { roles }, [...signers, ...fresh]);
    signers = fresh;
    return [index + 2, text] as const;
  });
}

/** Targets of 5 MB that all roles have signed; no file of a disk could be named so, and none is there. */
function huge(): Files {
  const names = Array.from({ length: 100 }, (_, index) => `${index}${"x".repeat(45_000)}`);
  const files = publish({ targets: Object.fromEntries(names.map((name) => [name, ""])) });
  return new Map([...files].filter(([path]) => path.startsWith("/metadata/")));
}

function rolesWith(keys: readonly ReturnType<typeof newKey>[]) {
  return {
    root: { keys, threshold: 2 },
    targets: { keys: KEYS.targets, threshold: 1 },
    snapshot: { keys: KEYS.snapshot, threshold: 1 },
    timestamp: { keys: KEYS.timestamp, threshold: 1 },
  };
}

function twiceSigned(): string {
  const json: { signatures: unknown[] } = JSON.parse(root(2, {}, KEYS.root.slice(0, 1)));
  json.signatures.push(...json.signatures);
  return JSON.stringify(json);
}

function aliased(): string {
  const [one] = KEYS.root;
  const alias = {
    ...one,
    id: "alias",
    key: Key.fromJSON("alias", { ...one.key.toJSON() }),
    sign: (bytes: Buffer) => Object.assign(one.sign(bytes), { keyID: "alias" }),
  };
  return root(2, { roles: rolesWith([one, alias]) }, [...KEYS.root, alias]);
}

const longChain = chain(40);
const broken = longChain.filter(([version]) => version !== 20);
const [, text2 = ""] = longChain[0] ?? [];
const padding = `{"signed": "${"x".repeat(6_000_000)}"}`;

export const ATTACKS: readonly Attack[] = [
  attack(
    "nothing is wrong",
    { server: whole, read, expected: TRUSTED },
    { server: states({ version: 2, targets: { [read]: "beta" } }), read, expected: TRUSTED },
  ),
  attack(
    "expired: timestamp, snapshot, targets, root",
    { server: states({ version: 2, timestampRole: { expires: days(-1) } }), expected: EXPIRED },
    { server: states({ version: 3, snapshotRole: { expires: days(-1) } }), expected: EXPIRED },
    { server: states({ version: 4, targetsRole: { expires: days(-1) } }), expected: EXPIRED },
    {
      server: withRoots(states({ version: 5 }), [2, root(2, { expires: days(-1) })]),
      expected: EXPIRED,
    },
    { server: states({ version: 6 }), expected: EXPIRED },
  ),
  attack("rolled back: timestamp", known, {
    server: states({ version: 4 }),
    expected: ROLLBACK,
  }),
  attack("rolled back: snapshot", known, {
    server: states({ version: 6, snapshotRole: { version: 4 } }),
    expected: ROLLBACK,
  }),
  attack("rolled back: targets", known, {
    server: states({ version: 6, targetsRole: { version: 4 } }),
    expected: ROLLBACK,
  }),
  attack(
    "frozen",
    known,
    { ...known, now: later(6) },
    { ...known, now: later(8), expected: EXPIRED },
  ),
  attack("mixed and matched", known, {
    server: withFile(
      states({ version: 5 }, { version: 6, targets: { [read]: "beta" } }),
      "/metadata/6.targets.json",
      String(whole.get("/metadata/1.targets.json")),
    ),
    expected: CONTENT,
  }),
  attack(
    "threshold not met",
    { server: states({ version: 1, timestampRole: { signers: [] } }), expected: THRESHOLD },
    { server: states({ version: 2, snapshotRole: { signers: [] } }), expected: THRESHOLD },
    { server: states({ version: 3, targetsRole: { signers: [] } }), expected: THRESHOLD },
    {
      server: withRoots(whole, [2, root(2, {}, KEYS.root.slice(0, 1))]),
      expected: THRESHOLD,
    },
  ),
  attack("duplicate signatures", {
    server: withRoots(whole, [2, twiceSigned()]),
    expected: BAD_JSON,
  }),
  attack("one key under two names", {
    // TUF 4.2.1 counts keys; the other client counts names.
    server: withRoots(whole, [2, aliased()]),
    expected: ["tuf.threshold", "trusted"],
  }),
  attack(
    "wrong key: a stranger's, another role's",
    { server: states({ version: 1, timestampRole: { signers: [STRANGER] } }), expected: THRESHOLD },
    { server: states({ version: 2, snapshotRole: { signers: KEYS.root } }), expected: THRESHOLD },
    {
      server: states({ version: 3, targetsRole: { signers: KEYS.timestamp } }),
      expected: THRESHOLD,
    },
    { server: withRoots(whole, [2, root(2, {}, [STRANGER])]), expected: THRESHOLD },
  ),
  attack(
    "rotated root: a long chain, and then the chain is hidden",
    { server: withRoots(whole, ...longChain), read, expected: TRUSTED },
    { server: whole, read, expected: TRUSTED },
    // What the keys of before sign has no say any more.
    { server: withRoots(whole, [42, root(42)]), expected: THRESHOLD },
  ),
  attack(
    "rotated root: a broken chain",
    { server: withRoots(whole, ...broken), expected: TRUSTED },
    {
      server: withRoots(whole, ...broken, [20, longChain.at(-1)?.[1] ?? ""]),
      expected: THRESHOLD,
    },
    { server: withRoots(whole, ...longChain), expected: TRUSTED },
  ),
  attack("rotated root: a version twice", {
    server: withRoots(whole, [2, text2], [3, text2]),
    expected: ROLLBACK,
  }),
  attack(
    "endless data: metadata, target",
    { server: withFile(whole, "/metadata/timestamp.json", padding), expected: TOO_LONG },
    { server: withFile(whole, "/metadata/1.snapshot.json", padding), expected: TOO_LONG },
    { server: withFile(whole, "/metadata/1.targets.json", padding), expected: TOO_LONG },
    { server: withFile(whole, "/metadata/2.root.json", padding), expected: TOO_LONG },
    { server: withFile(whole, file("alpha"), padding), read, expected: TOO_LONG },
  ),
  attack("wrong length", {
    server: withFile(whole, file("alpha"), "alph"),
    ...{ read, expected: CONTENT },
  }),
  attack("wrong hash", {
    server: withFile(whole, file("alpha"), "alphA"),
    ...{ read, expected: CONTENT },
  }),
  ...["../../etc/passwd", "a/../b", "/a", "a//b"].map((name) =>
    attack(`path traversal: ${name}`, {
      // Ours does not ask; the other one does, outside of the folder of targets, where nothing is.
      server: states({ version: 1, targets: { [name]: "root" } }),
      ...{ read: name, expected: ["tuf.bad-metadata", "DownloadHTTPError"] as const },
    }),
  ),
  ...[
    ["no JSON", "<html>"],
    ["nothing", ""],
    ["null", "null"],
    ["deep", "[".repeat(8000)],
  ].map(([what = "", body = ""]) =>
    attack(`hostile JSON: ${what}`, {
      server: withFile(whole, "/metadata/timestamp.json", body),
      expected: BAD_JSON,
    }),
  ),
  attack("hostile JSON: another role", {
    server: withFile(
      whole,
      "/metadata/timestamp.json",
      String(whole.get("/metadata/1.snapshot.json")),
    ),
    expected: ["tuf.bad-metadata", "RepositoryError"],
  }),
  attack("huge JSON, whose length is signed", {
    // Whoever has the online keys could else fill a machine's memory; the other client has no limit then.
    server: huge(),
    expected: ["tuf.too-long", "trusted"],
  }),
  attack("clock in 1970", {
    // The other client has no build time that it could hold against the clock.
    server: whole,
    now: "1970-01-01T00:00:00Z",
    expected: ["tuf.clock", "trusted"],
  }),
  attack("clock in 2100", { server: whole, now: "2100-01-01T00:00:00Z", expected: EXPIRED }),
];
