import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "@ballast/errors";
import type { Clock, Fs } from "@ballast/system";
import { Updater, type TargetFile } from "tuf-js";
import { TufError } from "../errors.ts";
import type { Fetcher, Range } from "../fetcher/fetcher.ts";
import { explain } from "./explain.ts";
import { MetadataFetcher } from "./metadata-fetcher.ts";
import { keepVerified, layOut, readRoots } from "./metadata-folder.ts";
import { makeStrict, type StrictStore } from "./strict-store.ts";
import { verifiedStream } from "./verified-stream.ts";

export interface TufClientOptions {
  /** Folder of the metadata, with its slash at the end. */
  readonly metadataUrl: URL;
  readonly targetsUrl: URL;
  /** The root of trust, `root.json` of any version; newer ones are followed from there (TUF client workflow 5.3). */
  readonly trustedRoot: string;
  /** What was verified is kept here: without it a mirror could show an old state again. Made when it is absent. */
  readonly stateFolder: string;
  /** For files that may be lost at any moment. */
  readonly workFolder: string;
  readonly fetcher: Fetcher;
  readonly fs: Fs;
  readonly clock: Clock;
  /** The clock cannot be right before this: an image is not older than itself. */
  readonly notBefore: Temporal.Instant;
  /** Of a bundle that an operator vouches for: only expiry is passed over; signatures, thresholds and versions hold. */
  readonly ignoreExpiry?: boolean;
  /** Roles besides the top level that may name targets; none unless told. */
  readonly maxDelegations?: number;
  /** Told when what is kept in the state folder was damaged. */
  readonly onDamage?: (error: TufError) => void;
}

/** A file of the repository, as the signed metadata have it. */
export interface Target {
  readonly name: string;
  readonly sizeBytes: number;
  readonly url: URL;
}

/** The repository as one consistent snapshot shows it. Disposing takes its work folder away. */
export interface Snapshot extends AsyncDisposable {
  /** Throws `tuf.no-such-target`. */
  target(name: string): Promise<Target>;
  /** All of it, verified; `maxBytes` is what the caller has room for. */
  read(name: string, maxBytes: number, signal?: AbortSignal): Promise<Buffer>;
  /** All of it as it comes; ends with an error if it was not what is signed, so nothing of it counts before the end. */
  stream(name: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>>;
  /** Whether these bytes are the file. */
  matches(name: string, bytes: AsyncIterable<Buffer>): Promise<boolean>;
  /** A part of it, not verified: the caller knows its hash from another target. */
  part(name: string, range: Range, signal?: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

const ROOT_MAX_BYTES = 512_000;

/** A client of one repository (TUF 1.0.34, client workflow 5). Each refresh begins from what is kept, and keeps what it verified. */
export class TufClient {
  readonly #options: TufClientOptions;

  constructor(options: TufClientOptions) {
    this.#options = options;
  }

  /** Fetches and verifies the metadata. Throws TufError. */
  async refresh(signal?: AbortSignal): Promise<Snapshot> {
    const { clock, notBefore, fs, stateFolder, trustedRoot, workFolder } = this.#options;
    const now = clock.now();
    // Without expiry the time decides nothing, and a machine without a network has nobody to set its clock by.
    if (this.#options.ignoreExpiry !== true && Temporal.Instant.compare(now, notBefore) < 0)
      throw new TufError(
        "tuf.clock",
        `Cannot judge the repository: the clock says ${now.toString()}, which was before this image was built`,
        { hint: "Set the clock; with settings.ntp the machine does it by itself." },
      );
    await mkdir(workFolder, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(workFolder, "metadata-"));
    try {
      await layOut(fs, { stateFolder, folder, trustedRoot });
      return await this.#refreshIn(folder, now, signal);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async #refreshIn(
    folder: string,
    now: Temporal.Instant,
    signal: AbortSignal | undefined,
  ): Promise<Snapshot> {
    const { fs, stateFolder, metadataUrl, ignoreExpiry } = this.#options;
    let fault: unknown;
    const onFault = (error: unknown): void => {
      fault = error;
    };
    const updater = this.#updater(folder, signal, onFault);
    const store = makeStrict(updater, { now: ignoreExpiry === true ? undefined : now, onFault });
    await followKept(this.#options, store);
    try {
      await updater.refresh();
    } catch (error) {
      signal?.throwIfAborted();
      const act = `Cannot trust the repository at ${metadataUrl.origin}${metadataUrl.pathname}`;
      throw explain(fault ?? error, act);
    } finally {
      // Also after a failure: a newer root that was verified holds from then on (5.3.8), and so do versions (5.4.5).
      await keepVerified(fs, { stateFolder, folder, roots: store.roots });
    }
    return this.#snapshot(updater, folder);
  }

  #updater(
    folder: string,
    signal: AbortSignal | undefined,
    onFault: (error: unknown) => void,
  ): Updater {
    const { metadataUrl, targetsUrl, fetcher } = this.#options;
    try {
      return new Updater({
        metadataDir: folder,
        metadataBaseUrl: withoutSlash(metadataUrl),
        targetBaseUrl: withoutSlash(targetsUrl),
        fetcher: new MetadataFetcher(fetcher, signal, onFault),
        config: {
          maxRootRotations: 1024,
          maxDelegations: this.#options.maxDelegations ?? 0,
          rootMaxLength: ROOT_MAX_BYTES,
          timestampMaxLength: 16 * 1024,
          snapshotMaxLength: 1024 * 1024,
          targetsMaxLength: 4 * 1024 * 1024,
        },
      });
    } catch (error) {
      throw explain(error, "Cannot begin from the root of trust");
    }
  }

  #snapshot(updater: Updater, folder: string): Snapshot {
    const { fetcher, targetsUrl, fs, stateFolder, maxDelegations = 0 } = this.#options;
    const find = async (name: string): Promise<[Target, TargetFile]> => {
      const file = await updater.getTargetInfo(name);
      // Roles to which others are delegated come with the first question that leads to them.
      if (maxDelegations > 0) await keepVerified(fs, { stateFolder, folder, roots: [] });
      if (file === undefined)
        throw new TufError(
          "tuf.no-such-target",
          `Cannot find "${name}": the repository has no such target`,
        );
      return [{ name, sizeBytes: file.length, url: targetUrl(targetsUrl, name, file) }, file];
    };
    const stream = async (name: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>> => {
      const [target, file] = await find(name);
      const options = { maxBytes: file.length, ...(signal === undefined ? {} : { signal }) };
      return verifiedStream(fetcher.fetch(target.url, options), file);
    };
    return {
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
      target: async (name) => (await find(name))[0],
      stream,
      matches: async (name, bytes) => {
        const [, file] = await find(name);
        try {
          for await (const _ of verifiedStream(bytes, file));
          return true;
        } catch (error) {
          if (hasCode(error, "tuf.wrong-content")) return false;
          throw error;
        }
      },
      read: async (name, maxBytes, signal) => {
        const [{ sizeBytes }] = await find(name);
        if (sizeBytes > maxBytes)
          throw new TufError(
            "tuf.too-long",
            `Cannot read "${name}": it has ${sizeBytes} bytes, more than ${maxBytes}`,
          );
        return Buffer.concat(await Array.fromAsync(await stream(name, signal)));
      },
      part: async (name, range, signal) => {
        const [{ url }] = await find(name);
        const options = signal === undefined ? {} : { signal };
        return fetcher.fetch(url, { maxBytes: range.sizeBytes, range, ...options });
      },
    };
  }
}

/**
 * Goes along the chain of roots that were verified before, as far as it leads from the image's own. What is wrong with it is on
 * our own disk: from there on the server is asked again, and its answer put in the place.
 */
async function followKept(
  { fs, stateFolder, onDamage }: TufClientOptions,
  store: StrictStore,
): Promise<void> {
  for (const { version, bytes } of await readRoots(fs, stateFolder)) {
    // An image brings its own root; those up to it are history.
    if (version <= store.rootVersion()) continue;
    try {
      store.followRoot(bytes);
    } catch (error) {
      onDamage?.(explain(error, `Cannot trust "${version}.root.json" in "${stateFolder}"`));
      return;
    }
  }
}

/** Consistent snapshots name a target by its hash (TUF 7.4). Never leads out of the folder of targets. */
function targetUrl(targetsUrl: URL, name: string, { hashes }: TargetFile): URL {
  const folders = name.split("/");
  const file = folders.pop() ?? "";
  const [hash] = Object.values(hashes);
  if (file === "" || folders.some((part) => ["", ".", ".."].includes(part)))
    throw new TufError("tuf.bad-metadata", `Cannot fetch "${name}": it is no name of a file`);
  const path = [...folders, `${hash ?? ""}.${file}`].map(encodeURIComponent).join("/");
  return new URL(path, targetsUrl);
}

function withoutSlash({ href }: URL): string {
  return href.replace(/\/$/, "");
}
