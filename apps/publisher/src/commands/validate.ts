import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  MANIFEST_TARGET,
  parseChunkIndex,
  parseManifest,
  releaseName,
  type Manifest,
} from "@ballast/updates";
import { createNodeClock, createNodeFs } from "@ballast/system";
import { AnyFetcher, HttpFetcher, RetryingFetcher, TufClient, type Snapshot } from "@ballast/tuf";
import type { ValidateCommand } from "../command.ts";
import { PublisherError } from "../publisher-error.ts";
import type { Context } from "./context.ts";
import { progressLine } from "./progress-line.ts";

const SMALL_TARGET_MAX_BYTES = 64 * 1024 * 1024;

/** Does what a machine does that has nothing: trusts the root alone, fetches all, verifies all. */
export async function runValidate(
  context: Context,
  { repository, root, json }: ValidateCommand,
): Promise<void> {
  const base = urlOf(repository);
  const http = new HttpFetcher({ userAgent: "ballast-publisher", proxyEnv: context.env });
  const folder = await mkdtemp(join(tmpdir(), "publisher-"));
  try {
    const clock = createNodeClock();
    const client = new TufClient({
      metadataUrl: new URL("metadata/", base),
      targetsUrl: new URL("targets/", base),
      trustedRoot: await readRootFile(root),
      stateFolder: join(folder, "state"),
      workFolder: join(folder, "work"),
      fetcher: new AnyFetcher(new RetryingFetcher(http, clock)),
      fs: createNodeFs(),
      clock,
      notBefore: Temporal.Instant.fromEpochMilliseconds(0),
    });
    await using snapshot = await client.refresh(context.signal);
    const manifest = parseManifest(
      (await snapshot.read(MANIFEST_TARGET, SMALL_TARGET_MAX_BYTES, context.signal)).toString(
        "utf8",
      ),
    );
    const sizeBytes = await readAll(context, snapshot, manifest);
    const releases = manifest.releases.map(releaseName);
    await context.stdout(
      json
        ? `${JSON.stringify({ valid: true, releases, bytes: sizeBytes }, undefined, 2)}\n`
        : `All is as it was signed: ${releases.length} releases, ${sizeBytes} bytes.\n`,
    );
  } finally {
    http.close();
    await rm(folder, { recursive: true });
  }
}

async function readAll(
  context: Context,
  snapshot: Snapshot,
  { releases }: Manifest,
): Promise<number> {
  const onProgress = progressLine(context);
  let total = 0;
  for (const { images } of releases)
    for (const { target, chunks, size_bytes: imageBytes } of Object.values(images)) {
      const { sizeBytes } = await snapshot.target(target);
      const index = await snapshot.read(chunks, SMALL_TARGET_MAX_BYTES, context.signal);
      parseChunkIndex(index.toString("utf8"), imageBytes, sizeBytes);
      let done = 0;
      for await (const bytes of await snapshot.stream(target, context.signal)) {
        done += bytes.length;
        onProgress(target, done / sizeBytes);
      }
      total += done + index.length;
    }
  return total;
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  const place = url === null || url.protocol.length < 4 ? pathToFileURL(text) : url;
  return place.href.endsWith("/") ? place : new URL(`${place.href}/`);
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
