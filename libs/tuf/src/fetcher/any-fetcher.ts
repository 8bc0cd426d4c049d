import type { FetchOptions, Fetcher } from "./fetcher.ts";
import { FileFetcher } from "./file-fetcher.ts";

/** `file:` from the disk, all else by the other one. */
export class AnyFetcher implements Fetcher {
  readonly #files = new FileFetcher();
  readonly #others: Fetcher;

  constructor(others: Fetcher) {
    this.#others = others;
  }

  fetch(url: URL, options: FetchOptions): AsyncIterable<Buffer> {
    const fetcher = url.protocol === "file:" ? this.#files : this.#others;
    return fetcher.fetch(url, options);
  }
}
