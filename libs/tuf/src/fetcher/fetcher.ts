/** A part of what a URL names, in bytes. */
export interface Range {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface FetchOptions {
  /** More than this is `tuf.too-long`; what came before has been handed out already. */
  readonly maxBytes: number;
  /** Only this part: exactly its bytes come, or an error. A server that has no ranges is `tuf.no-ranges`. */
  readonly range?: Range;
  readonly signal?: AbortSignal;
}

/**
 * Where bytes come from. Nothing that it hands out is trusted. Errors are {@link TufError}: `not-found` (the server says so),
 * `unreachable`, `slow`, `too-long`, `bad-answer`, `no-ranges`; the signal's reason when it is aborted.
 */
export interface Fetcher {
  fetch(url: URL, options: FetchOptions): AsyncIterable<Buffer>;
}

/** All of it at once. */
export async function fetchAll(fetcher: Fetcher, url: URL, options: FetchOptions): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of fetcher.fetch(url, options)) parts.push(part);
  return Buffer.concat(parts);
}
