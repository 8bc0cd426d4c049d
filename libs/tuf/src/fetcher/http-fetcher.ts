import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { TufError } from "../errors.ts";
import type { FetchOptions, Fetcher, Range } from "./fetcher.ts";

const HEADERS_MAX_BYTES = 16 * 1024;
const MAX_REDIRECTS = 5;
/** A server that sends less than this for a whole {@link HttpOptions.patienceMs} only keeps a machine busy. */
const LEAST_BYTES_PER_SECOND = 256;

export interface HttpOptions {
  readonly userAgent: string;
  /** For the first byte, and between looks at how much came; 30 s unless told. */
  readonly patienceMs?: number;
  /** PEM of authorities, besides those that Node knows. */
  readonly ca?: string;
  /** `http_proxy`, `https_proxy`, `no_proxy` are taken from here; none unless told. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
}

/** `http:` and `https:` URLs over HTTP/1.1 by `node:http`. Redirects are followed, but never from https to http. */
export class HttpFetcher implements Fetcher {
  readonly #options: HttpOptions;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  constructor(options: HttpOptions) {
    this.#options = options;
    const proxyEnv = { proxyEnv: options.proxyEnv ?? {} };
    this.#http = new HttpAgent({ keepAlive: true, ...proxyEnv });
    this.#https = new HttpsAgent({
      ...{ keepAlive: true, minVersion: "TLSv1.2", ...proxyEnv },
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
  }

  /** Closes the connections that are kept for later. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async *fetch(url: URL, options: FetchOptions): AsyncIterable<Buffer> {
    const response = await this.#follow(url, options);
    try {
      checkLength(url, response, options);
      let sizeBytes = 0;
      for await (const part of this.#patiently(url, response, options.signal)) {
        sizeBytes += part.length;
        if (sizeBytes > options.maxBytes) throw tooLong(url, options.maxBytes);
        yield part;
      }
      if (!response.complete) throw unreachable(url, "the connection was cut");
      if (options.range !== undefined && sizeBytes !== options.range.sizeBytes)
        throw badAnswer(url, `it has ${sizeBytes} bytes instead of ${options.range.sizeBytes}`);
    } finally {
      response.destroy();
    }
  }

  /** The answer that is no redirect. */
  async #follow(url: URL, options: FetchOptions): Promise<IncomingMessage> {
    let place = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#ask(place, options);
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      if (status < 300 || status >= 400 || location === undefined) {
        judgeStatus(url, response, options.range);
        return response;
      }
      response.destroy();
      place = redirect(url, place, location);
    }
    throw badAnswer(url, `there are more than ${MAX_REDIRECTS} redirects`);
  }

  async #ask(url: URL, { range, signal }: FetchOptions): Promise<IncomingMessage> {
    signal?.throwIfAborted();
    const { protocol } = url;
    if (protocol !== "https:" && protocol !== "http:")
      throw badAnswer(url, `"${protocol}" is neither https nor http`);
    const isSecure = protocol === "https:";
    const limit = AbortSignal.timeout(this.#options.patienceMs ?? 30_000);
    const sent = (isSecure ? httpsRequest : httpRequest)(url, {
      agent: isSecure ? this.#https : this.#http,
      headers: {
        // What is signed is what the file is, byte by byte.
        "accept-encoding": "identity",
        "user-agent": this.#options.userAgent,
        ...(range === undefined
          ? {}
          : { range: `bytes=${range.offset}-${range.offset + range.sizeBytes - 1}` }),
      },
      maxHeaderSize: HEADERS_MAX_BYTES,
    });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const stop = (): void => {
      sent.destroy(new Error("stopped"));
    };
    limit.addEventListener("abort", stop);
    signal?.addEventListener("abort", stop);
    sent.once("response", resolve);
    // Also those that come later, when nobody waits any more.
    sent.on("error", reject);
    try {
      sent.end();
      return await promise;
    } catch (cause) {
      sent.destroy();
      signal?.throwIfAborted();
      if (limit.aborted) throw slow(url);
      throw unreachable(url, "there is no answer", cause);
    } finally {
      limit.removeEventListener("abort", stop);
      signal?.removeEventListener("abort", stop);
    }
  }

  /** The body, for as long as enough of it comes. */
  async *#patiently(
    url: URL,
    response: IncomingMessage,
    signal: AbortSignal | undefined,
  ): AsyncIterable<Buffer> {
    const patienceMs = this.#options.patienceMs ?? 30_000;
    let fresh = 0;
    let isWaiting = true;
    let isSlow = false;
    const look = setInterval(() => {
      // Nothing is held against the server while the reader is busy with what came.
      if (isWaiting && fresh < (LEAST_BYTES_PER_SECOND * patienceMs) / 1000) {
        isSlow = true;
        response.destroy(new Error("too slow"));
      }
      fresh = 0;
    }, patienceMs);
    const stop = (): void => {
      response.destroy(new Error("stopped"));
    };
    signal?.addEventListener("abort", stop);
    try {
      for await (const part of response) {
        if (!Buffer.isBuffer(part))
          throw new TypeError("A body without encoding is not of buffers");
        fresh += part.length;
        isWaiting = false;
        yield part;
        isWaiting = true;
      }
    } catch (cause) {
      signal?.throwIfAborted();
      if (isSlow) throw slow(url);
      if (cause instanceof TypeError || cause instanceof TufError) throw cause;
      throw unreachable(url, "the connection was cut", cause);
    } finally {
      clearInterval(look);
      signal?.removeEventListener("abort", stop);
    }
  }
}

function judgeStatus(url: URL, response: IncomingMessage, range: Range | undefined): void {
  const status = response.statusCode ?? 0;
  if (status === (range === undefined ? 200 : 206)) return;
  response.destroy();
  // 403 is what object stores say of what is not there (TUF client workflow 5.3.3 treats both alike).
  if (status === 404 || status === 403)
    throw new TufError("tuf.not-found", `Cannot fetch ${shown(url)}: the server answers ${status}`);
  if (status === 200 && range !== undefined)
    throw new TufError(
      "tuf.no-ranges",
      `Cannot fetch a part of ${shown(url)}: the server has no ranges`,
    );
  if (status === 429 || status >= 500) throw unreachable(url, `the server answers ${status}`);
  throw badAnswer(url, `the server answers ${status}`);
}

/** Of a range: that it is the one that was asked for. Of all: that it can be no more than is allowed. */
function checkLength(url: URL, response: IncomingMessage, { maxBytes, range }: FetchOptions): void {
  const announced = Number(response.headers["content-length"] ?? 0);
  if (announced > maxBytes) throw tooLong(url, maxBytes);
  if (range === undefined) return;
  const wanted = `bytes ${range.offset}-${range.offset + range.sizeBytes - 1}/`;
  const told = response.headers["content-range"] ?? "";
  if (!told.startsWith(wanted)) throw badAnswer(url, "it is another part than was asked for");
}

function redirect(url: URL, from: URL, location: string): URL {
  const place = URL.parse(location, from);
  if (place === null) throw badAnswer(url, "it leads to what is no URL");
  if (from.protocol === "https:" && place.protocol !== "https:")
    throw badAnswer(url, "it leads away from https");
  return place;
}

function tooLong(url: URL, maxBytes: number): TufError {
  return new TufError(
    "tuf.too-long",
    `Cannot fetch ${shown(url)}: it is longer than ${maxBytes} bytes`,
  );
}

function slow(url: URL): TufError {
  return new TufError("tuf.slow", `Cannot fetch ${shown(url)}: the server is too slow`);
}

function badAnswer(url: URL, reason: string): TufError {
  return new TufError("tuf.bad-answer", `Cannot fetch ${shown(url)}: ${reason}`);
}

function unreachable(url: URL, reason: string, cause?: unknown): TufError {
  const message = `Cannot fetch ${shown(url)}: ${reason}`;
  return new TufError("tuf.unreachable", message, cause === undefined ? {} : { cause });
}

/** Without what may be a password. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
