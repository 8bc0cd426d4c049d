import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryClock, createNodeFs, type Clock } from "@ballast/system";
import { HttpFetcher } from "../fetcher/http-fetcher.ts";
import { AnyFetcher } from "../fetcher/any-fetcher.ts";
import {
  signRoot,
  signSnapshot,
  signTargets,
  signTimestamp,
  type RootContent,
} from "../repository/metadata.ts";
import { generatePrivateKey, signingKey, type SigningKey } from "../repository/signing-key.ts";
import { TufClient, type TufClientOptions } from "./tuf-client.ts";

export const NOW = "2026-06-01T00:00:00Z";
export const KEYS = {
  root: [newKey(), newKey(), newKey()],
  targets: [newKey()],
  snapshot: [newKey()],
  timestamp: [newKey()],
} as const;
export const STRANGER = newKey();

export function newKey(): SigningKey {
  return signingKey(generatePrivateKey());
}

export function days(count: number): Temporal.Instant {
  return Temporal.Instant.from(NOW).add({ hours: 24 * count });
}

/** The root of trust of the tests: two of three keys for root, one for all else. */
export function rootContent(version: number, changes: Partial<RootContent> = {}): RootContent {
  return {
    version,
    expires: days(365),
    roles: {
      root: { keys: KEYS.root, threshold: 2 },
      targets: { keys: KEYS.targets, threshold: 1 },
      snapshot: { keys: KEYS.snapshot, threshold: 1 },
      timestamp: { keys: KEYS.timestamp, threshold: 1 },
    },
    ...changes,
  };
}

export function root(
  version: number,
  changes: Partial<RootContent> = {},
  signers: readonly SigningKey[] = KEYS.root,
): string {
  return signRoot(rootContent(version, changes), signers).text;
}

export type Files = Map<string, string | Buffer>;
type RoleChange = {
  readonly version?: number;
  readonly expires?: Temporal.Instant;
  readonly signers?: readonly SigningKey[];
};

export interface Publication {
  readonly version?: number;
  readonly targets?: Readonly<Record<string, string>>;
  readonly targetsRole?: RoleChange;
  readonly snapshotRole?: RoleChange;
  readonly timestampRole?: RoleChange;
}

/** What lies on the server after a publication, by path. */
export function publish({
  version = 1,
  targets = { "a.txt": "alpha" },
  ...roles
}: Publication = {}): Files {
  const content = new Map(
    Object.entries(targets).map(([name, text]) => [
      name,
      { sizeBytes: Buffer.byteLength(text), sha256: sha256(text) },
    ]),
  );
  const { targetsRole, snapshotRole, timestampRole } = roles;
  const at = (change: RoleChange | undefined) => ({
    version: change?.version ?? version,
    expires: change?.expires ?? days(7),
  });
  const signedTargets = signTargets(
    { ...at(targetsRole), targets: content },
    targetsRole?.signers ?? KEYS.targets,
  );
  const snapshot = signSnapshot(
    at(snapshotRole),
    signedTargets,
    snapshotRole?.signers ?? KEYS.snapshot,
  );
  const timestamp = signTimestamp(
    at(timestampRole),
    snapshot,
    timestampRole?.signers ?? KEYS.timestamp,
  );
  return new Map<string, string | Buffer>([
    [`/metadata/${signedTargets.version}.targets.json`, signedTargets.text],
    [`/metadata/${snapshot.version}.snapshot.json`, snapshot.text],
    ["/metadata/timestamp.json", timestamp.text],
    ...Object.entries(targets).map(
      ([name, text]) => [`/targets/${sha256(text)}.${name}`, text] as const,
    ),
  ]);
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of the files, which a test may change at any time; `answer` gets the requests for which it has a say. */
export interface World extends AsyncDisposable {
  readonly files: Files;
  readonly answers: Map<string, Answer>;
  readonly asked: string[];
  readonly stateFolder: string;
  readonly url: (path: string) => URL;
  client(changes?: Partial<TufClientOptions>): TufClient;
}

export async function startWorld(files: Files): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "tuf-"));
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    asked.push(path);
    const answer = answers.get(path);
    if (answer !== undefined) {
      answer(request, response);
      return;
    }
    const body = files.get(path);
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body ?? "nothing here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  const url = (path: string) => new URL(path, `http://127.0.0.1:${address.port}`);
  const http = new HttpFetcher({ userAgent: "test", patienceMs: 1000 });
  const stateFolder = join(folder, "state");
  await mkdir(stateFolder);
  return {
    ...{ files, answers, asked, stateFolder, url },
    client: (changes) =>
      new TufClient({
        metadataUrl: url("/metadata/"),
        targetsUrl: url("/targets/"),
        trustedRoot: root(1),
        stateFolder,
        workFolder: join(folder, "work"),
        fetcher: new AnyFetcher(http),
        fs: createNodeFs(),
        clock: clockAt(NOW),
        notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"),
        ...changes,
      }),
    [Symbol.asyncDispose]: async () => {
      http.close();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function clockAt(time: string): Clock {
  return createMemoryClock(time);
}
