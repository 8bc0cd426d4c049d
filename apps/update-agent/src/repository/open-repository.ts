import { cp } from "node:fs/promises";
import { EXIT } from "@ballast/errors";
import type { UpdateAgentConfig, UpdateRequest } from "@ballast/model";
import { createNodeFs } from "@ballast/system";
import {
  BUNDLE_URLS,
  BundleFetcher,
  HttpFetcher,
  RetryingFetcher,
  TufClient,
  type Fetcher,
  type Snapshot,
} from "@ballast/tuf";
import { MANIFEST_TARGET, parseManifest, type Manifest } from "@ballast/updates";
import { realPath, type AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import type { Running } from "../machine/running.ts";
import { PATHS } from "../paths.ts";
import { withReserve } from "../state/reserve.ts";
import { addressesOf, type Addresses } from "./addresses.ts";

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const AUTHORITIES_MAX_BYTES = 4 * 1024 * 1024;

/** One state of a repository, verified. Disposing closes its connections. */
export interface Repository extends AsyncDisposable {
  readonly snapshot: Snapshot;
  readonly manifest: Manifest;
}

interface Where {
  readonly config: UpdateAgentConfig;
  readonly running: Running;
  readonly request: Pick<UpdateRequest, "bundle" | "ignore_expiry">;
  /** Nothing of what was learned is kept: for a look that changes nothing. */
  readonly keepsNothing?: boolean;
}

interface Source extends AsyncDisposable, Addresses {
  readonly fetcher: Fetcher;
}

/** Fetches the metadata and the manifest, and verifies them. Throws TufError, UpdatesError, `update-agent.no-root-of-trust`. */
export async function openRepository(context: AgentContext, where: Where): Promise<Repository> {
  const trustedRoot = await readRootOfTrust(context);
  await using stack = new AsyncDisposableStack();
  const { fetcher, metadataUrl, targetsUrl } = stack.use(await openSource(context, where));
  const workFolder = realPath(context, PATHS.work);
  const client = new TufClient({
    metadataUrl,
    targetsUrl,
    trustedRoot,
    stateFolder: await stateFolder(context, workFolder, where.keepsNothing === true),
    workFolder,
    fetcher,
    fs: withReserve(createNodeFs(), {
      path: realPath(context, PATHS.reserve),
      log: context.log,
    }),
    clock: context.clock,
    notBefore: where.running.builtAfter,
    // Signatures, thresholds and versions hold for a bundle too.
    ignoreExpiry: where.request.bundle === true && where.request.ignore_expiry === true,
    onDamage: (error) => {
      context.log.warn("Kept root of trust is damaged, asking the repository again", {
        reason: error.message,
      });
    },
  });
  const snapshot = stack.use(await client.refresh(context.signal));
  const bytes = await snapshot.read(MANIFEST_TARGET, MANIFEST_MAX_BYTES, context.signal);
  const manifest = parseManifest(bytes.toString("utf8"));
  const opened = stack.move();
  return { snapshot, manifest, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function openSource(context: AgentContext, where: Where): Promise<Source> {
  if (where.request.bundle === true) {
    const bundle = await BundleFetcher.open(realPath(context, PATHS.bundle));
    return { ...BUNDLE_URLS, fetcher: bundle, [Symbol.asyncDispose]: () => closeBundle(bundle) };
  }
  const addresses = addressesOf(where.config);
  const { variant, version, arch } = where.running.image;
  const ca = await context.fs.readText(PATHS.authorities, { maxBytes: AUTHORITIES_MAX_BYTES });
  const http = new HttpFetcher({
    userAgent: `Ballast/${version} (${variant}; ${arch})`,
    proxyEnv: context.env,
    ...(ca === undefined || ca === "" ? {} : { ca }),
  });
  return {
    ...addresses,
    fetcher: new RetryingFetcher(http, context.clock),
    [Symbol.asyncDispose]: async () => {
      http.close();
    },
  };
}

function closeBundle(bundle: BundleFetcher): Promise<void> {
  return bundle[Symbol.asyncDispose]();
}

async function readRootOfTrust({ fs }: AgentContext): Promise<string> {
  const root = await fs.readText(PATHS.rootOfTrust);
  if (root !== undefined) return root;
  throw new UpdateAgentError(
    "update-agent.no-root-of-trust",
    "Cannot look for updates: this image was built without a root of trust, it takes none",
    { exitCode: EXIT.unavailable, hint: "Install an image that was built with one." },
  );
}

/** What was verified before, or a copy of it. */
async function stateFolder(
  context: AgentContext,
  workFolder: string,
  isCopy: boolean,
): Promise<string> {
  const kept = realPath(context, PATHS.metadata);
  if (!isCopy) return kept;
  const copy = `${workFolder}/metadata`;
  if (await context.fs.exists(PATHS.metadata)) await cp(kept, copy, { recursive: true });
  return copy;
}
