import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MANIFEST_TARGET, parseManifest, releaseName, targetsOf } from "@ballast/updates";
import { createNodeClock, createNodeFs } from "@ballast/system";
import {
  AnyFetcher,
  BUNDLE_URLS,
  BundleFetcher,
  HttpFetcher,
  RetryingFetcher,
  TufClient,
  type Fetcher,
  type Snapshot,
} from "@ballast/tuf";
import type { ValidateCommand } from "../command.ts";
import { PublisherError } from "../publisher-error.ts";
import { readReleases } from "../release/read-releases.ts";
import type { Context } from "./context.ts";
import { progressLine } from "./progress-line.ts";

const MANIFEST_MAX_BYTES = 64 * 1024 * 1024;

interface Source extends AsyncDisposable {
  readonly fetcher: Fetcher;
  readonly metadataUrl: URL;
  readonly targetsUrl: URL;
  /** Undefined: it must have all that is signed. */
  readonly bundle: BundleFetcher | undefined;
}

/** Does what a machine does that has nothing: trusts the root alone, fetches all, verifies all. */
export async function runValidate(
  context: Context,
  { repository, root, json, ignoreExpiry }: ValidateCommand,
): Promise<void> {
  const { signal } = context;
  const trustedRoot = await readRootFile(root);
  await using source = await openSource(repository, context);
  const folder = await mkdtemp(join(tmpdir(), "publisher-"));
  try {
    const { metadataUrl, targetsUrl, fetcher, bundle } = source;
    const client = new TufClient({
      ...{ metadataUrl, targetsUrl, trustedRoot, fetcher, ignoreExpiry },
      ...{ stateFolder: join(folder, "state"), workFolder: join(folder, "work") },
      ...{ fs: createNodeFs(), clock: createNodeClock() },
      notBefore: Temporal.Instant.fromEpochMilliseconds(0),
    });
    await using snapshot = await client.refresh(signal);
    const text = await snapshot.read(MANIFEST_TARGET, MANIFEST_MAX_BYTES, signal);
    const { releases: all } = parseManifest(text.toString("utf8"));
    const releases = bundle === undefined ? all : await releasesIn(bundle, snapshot, all);
    const onProgress = progressLine(context);
    const sizeBytes = await readReleases(snapshot, releases, { onProgress, signal });
    const names = releases.map(releaseName);
    await context.stdout(
      json
        ? `${JSON.stringify({ valid: true, releases: names, bytes: sizeBytes }, undefined, 2)}\n`
        : `All is as it was signed: ${names.length} releases, ${sizeBytes} bytes.\n`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Releases = ReturnType<typeof parseManifest>["releases"];

/** Those that a bundle holds. One of which it holds a part only would be found out on the machine. */
async function releasesIn(
  bundle: BundleFetcher,
  snapshot: Snapshot,
  all: Releases,
): Promise<Releases> {
  const found: Releases = [];
  for (const release of all) {
    const names = targetsOf(release);
    const there: string[] = [];
    for (const name of names) if (bundle.has((await snapshot.target(name)).url)) there.push(name);
    if (there.length === 0) continue;
    const missing = names.find((name) => !there.includes(name));
    if (missing !== undefined)
      throw new PublisherError(
        "publisher.bad-repository",
        `Cannot use the bundle: it holds a part of ${releaseName(release)}, but not "${missing}"`,
      );
    found.push(release);
  }
  if (found.length === 0)
    throw new PublisherError(
      "publisher.bad-repository",
      "Cannot use the bundle: it holds no release",
    );
  return found;
}

async function openSource(text: string, { env }: Context): Promise<Source> {
  const url = URL.parse(text);
  const isUrl = url !== null && url.protocol.length >= 4;
  if (!isUrl && (await isFile(text))) {
    const bundle = await BundleFetcher.open(text);
    return {
      ...{ ...BUNDLE_URLS, fetcher: bundle, bundle },
      [Symbol.asyncDispose]: () => bundle[Symbol.asyncDispose](),
    };
  }
  const place = isUrl ? url : pathToFileURL(text);
  const base = place.href.endsWith("/") ? place : new URL(`${place.href}/`);
  const http = new HttpFetcher({ userAgent: "ballast-publisher", proxyEnv: env });
  return {
    ...{ metadataUrl: new URL("metadata/", base), targetsUrl: new URL("targets/", base) },
    fetcher: new AnyFetcher(new RetryingFetcher(http, createNodeClock())),
    bundle: undefined,
    [Symbol.asyncDispose]: async () => {
      http.close();
    },
  };
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (file) => file.isFile(),
    () => false,
  );
}

async function readRootFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot read the root of trust "${path}"`, {
      cause,
    });
  }
}
