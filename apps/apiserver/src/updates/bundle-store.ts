import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { UpdateBundle } from "@ballast/model";
import { ApiError } from "../api-error.ts";

/** Far more than a release with the images of its host containers; a bound on what a mistake costs. */
export const BUNDLE_MAX_BYTES = 4 * 1024 ** 3;
/** A sender that falls silent must not hold the place of the next one. */
const SILENCE_MS = 30_000;

/** Where an operator's bundle waits for the update agent. */
export interface BundleStore {
  /**
   * Takes a bundle in place of the one before, when it has come whole: until then that one stays. `sizeBytes` is what is
   * announced, if it is.
   */
  put(bytes: AsyncIterable<Uint8Array>, sizeBytes: number | undefined): Promise<UpdateBundle>;
  /** Takes away what an upload has left that the server did not see the end of. Never rejects. */
  cleanUp(): Promise<void>;
}

export function createBundleStore(
  file: string,
  { maxBytes = BUNDLE_MAX_BYTES, silenceMs = SILENCE_MS } = {},
): BundleStore {
  const part = `${file}.part`;
  let isTaken = false;
  return {
    put: async (bytes, sizeBytes) => {
      if (isTaken)
        throw new ApiError("apiserver.update-busy", "Another bundle is being uploaded", {
          hint: "Wait until it has come, or its sender has stopped.",
        });
      isTaken = true;
      try {
        if (sizeBytes !== undefined && sizeBytes > maxBytes) throw tooLarge(maxBytes);
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await rm(part, { force: true });
        await checkSpace(dirname(file), sizeBytes);
        const bundle = await write(part, withSilence(bytes, silenceMs), maxBytes);
        await rename(part, file);
        await syncFolder(dirname(file));
        return bundle;
      } catch (error) {
        await rm(part, { force: true });
        throw isFull(error) ? full(error) : error;
      } finally {
        isTaken = false;
      }
    },
    cleanUp: () => rm(part, { force: true }).catch(() => undefined),
  };
}

async function write(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<UpdateBundle> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  await using file = await open(path, "wx", 0o600);
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  if (sizeBytes === 0) throw new ApiError("apiserver.empty-bundle", "A bundle must not be empty");
  await file.sync();
  return { size_bytes: sizeBytes, sha256: hash.digest("hex") };
}

/** Rejects when nothing comes for so long; nothing waits while the disk is written to. */
async function* withSilence(
  bytes: AsyncIterable<Uint8Array>,
  silenceMs: number,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      silence.reject(
        new ApiError(
          "apiserver.upload-silent",
          `Cannot take the bundle: nothing came for ${silenceMs / 1000} s`,
        ),
      );
    }, silenceMs);
    try {
      const next = await Promise.race([iterator.next(), silence.promise]);
      if (next.done === true) return;
      yield next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What is known to find no place is refused before it is sent. */
async function checkSpace(folder: string, sizeBytes: number | undefined): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (sizeBytes !== undefined && sizeBytes > bavail * bsize)
    throw full(undefined, `${sizeBytes} bytes are needed, ${bavail * bsize} are free`);
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

function isFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

function full(cause: unknown, reason = "no space is left"): ApiError {
  return new ApiError("apiserver.disk-full", `Cannot store the bundle on DATA: ${reason}`, {
    hint: "Remove images, volumes or logs of containers, then upload it again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("apiserver.body-too-large", `A bundle must be at most ${maxBytes} bytes`);
}
