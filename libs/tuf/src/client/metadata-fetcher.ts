import type { Fetcher as TufFetcher } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { hasCode } from "@ballast/errors";
import { fetchAll, type Fetcher } from "../fetcher/fetcher.ts";
import { ROLE_MAX_BYTES } from "./metadata-folder.ts";

/** Fetches for tuf-js, and tells it that there is no such file in the way that it understands. */
export class MetadataFetcher implements TufFetcher {
  readonly #inner: Fetcher;
  readonly #signal: AbortSignal | undefined;
  readonly #onFault: (error: unknown) => void;

  constructor(inner: Fetcher, signal: AbortSignal | undefined, onFault: (error: unknown) => void) {
    this.#inner = inner;
    this.#signal = signal;
    this.#onFault = onFault;
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const maxBytes = Math.min(maxLength, ROLE_MAX_BYTES);
    const signal = this.#signal === undefined ? {} : { signal: this.#signal };
    try {
      return await fetchAll(this.#inner, new URL(url), { maxBytes, ...signal });
    } catch (error) {
      this.#onFault(error);
      if (!hasCode(error, "tuf.not-found")) throw error;
      throw new DownloadHTTPError(error.message, 404);
    }
  }

  /** Only metadata go through tuf-js. */
  downloadFile(): Promise<never> {
    throw new TypeError("Targets are not downloaded through tuf-js");
  }
}
