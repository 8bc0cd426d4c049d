import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryClock, createNodeFs } from "@ballast/system";
import { HttpFetcher, RetryingFetcher, TufClient, type Snapshot } from "@ballast/tuf";
import {
  generatePrivateKey,
  signingKey,
  signRoot,
  signSnapshot,
  signTargets,
  signTimestamp,
} from "@ballast/tuf/repository";
import { MANIFEST_TARGET, writeManifest } from "@ballast/updates";
import { sha256, type TestRelease } from "./release.fixture.ts";

const NOW = "2026-06-01T00:00:00Z";
const PATIENCE_MS = 1000;

/** What a server makes of a request; undefined: what an honest one would. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
) => "taken" | undefined;

export interface Asked {
  readonly target: string;
  /** First byte and the one behind the last. */
  readonly range: readonly [number, number] | undefined;
}

/** A signed repository on a real server, which a test makes a bad one. */
export interface TestRepository extends AsyncDisposable {
  readonly folder: string;
  readonly url: URL;
  readonly trustedRoot: string;
  /** By target, without the hash in front. */
  readonly answers: Map<string, Answer>;
  readonly asked: Asked[];
  refresh(): Promise<Snapshot>;
}

export async function startRepository(releases: readonly TestRelease[]): Promise<TestRepository> {
  const folder = await mkdtemp(join(tmpdir(), "update-agent-"));
  const { files, trustedRoot } = publish(releases);
  const answers = new Map<string, Answer>();
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const target = path.replace(/^\/targets\/[0-9a-f]{64}\./, "");
    const file = files.get(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (path.startsWith("/targets/")) asked.push({ target, range: rangeOf(request) });
    if (answers.get(target)?.(request, response, file) !== "taken") serve(request, response, file);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  const url = new URL(`http://127.0.0.1:${address.port}/`);
  await mkdir(join(folder, "state"));
  return {
    ...{ folder, url, trustedRoot, answers, asked },
    refresh: () => refresh({ folder, url, trustedRoot }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** What a machine makes of it that keeps its metadata in this folder. */
export async function refresh({
  folder,
  url,
  trustedRoot,
}: Pick<TestRepository, "folder" | "url" | "trustedRoot">): Promise<Snapshot> {
  const http = new HttpFetcher({ userAgent: "test", patienceMs: PATIENCE_MS });
  const snapshot = await new TufClient({
    metadataUrl: new URL("metadata/", url),
    targetsUrl: new URL("targets/", url),
    trustedRoot,
    stateFolder: join(folder, "state"),
    workFolder: join(folder, "work"),
    // Its pauses take no time; five tries are five tries.
    fetcher: new RetryingFetcher(http, createMemoryClock(), () => 0),
    fs: createNodeFs(),
    clock: createMemoryClock(NOW),
    notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"),
  }).refresh();
  return {
    ...snapshot,
    [Symbol.asyncDispose]: async () => {
      http.close();
      await snapshot[Symbol.asyncDispose]();
    },
  };
}

export function rangeOf(request: IncomingMessage): [number, number] | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  return first === undefined || last === undefined ? undefined : [Number(first), Number(last) + 1];
}

/** As a good server does. */
export function serve(request: IncomingMessage, response: ServerResponse, file: Buffer): void {
  const range = rangeOf(request);
  const body = range === undefined ? file : file.subarray(...range);
  if (range === undefined) response.writeHead(200, { "content-length": body.length });
  else
    response.writeHead(206, {
      "content-length": body.length,
      "content-range": `bytes ${range[0]}-${range[1] - 1}/${file.length}`,
    });
  response.end(body);
}

function publish(releases: readonly TestRelease[]) {
  const key = signingKey(generatePrivateKey());
  const role = { keys: [key], threshold: 1 };
  const dated = { version: 1, expires: Temporal.Instant.from(NOW).add({ hours: 24 * 7 }) };
  const root = signRoot(
    { ...dated, roles: { root: role, targets: role, snapshot: role, timestamp: role } },
    [key],
  );
  const manifest = writeManifest({ schema: 1, releases: releases.map(({ release }) => release) });
  const targets = new Map<string, Buffer>([
    [MANIFEST_TARGET, Buffer.from(manifest)],
    ...releases.flatMap((release) => [...release.targets]),
  ]);
  const contents = new Map(
    [...targets].map(([name, bytes]) => [name, { sizeBytes: bytes.length, sha256: sha256(bytes) }]),
  );
  const signedTargets = signTargets({ ...dated, targets: contents }, [key]);
  const snapshot = signSnapshot(dated, signedTargets, [key]);
  const timestamp = signTimestamp(dated, snapshot, [key]);
  const files = new Map<string, Buffer>([
    ["/metadata/1.targets.json", Buffer.from(signedTargets.text)],
    ["/metadata/1.snapshot.json", Buffer.from(snapshot.text)],
    ["/metadata/timestamp.json", Buffer.from(timestamp.text)],
    ...[...targets].map(([name, bytes]) => [`/targets/${sha256(bytes)}.${name}`, bytes] as const),
  ]);
  return { files, trustedRoot: root.text };
}
