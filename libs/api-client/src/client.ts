import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { ApiClientError, toApiError } from "./errors.ts";
import { exchange, reasonOf, type Call } from "./exchange.ts";
import { readLines } from "./read-lines.ts";
import { readText } from "./read-text.ts";
import { describeTarget, type Target } from "./target.ts";

export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined if there was no body. */
  readonly body: unknown;
  /** Which settings the answer is about. */
  readonly etag?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole answer, of a stream for its head; 30 s unless told. */
  readonly timeoutMs?: number;
  /** Statuses beside 2xx whose JSON is an answer and not a refusal. */
  readonly alsoOk?: readonly number[];
  /** A stream of which nothing comes for so long is taken for lost; never unless told. */
  readonly idleTimeoutMs?: number;
}

/** Calls of one server. Nothing stays open between them. */
export interface ApiClient {
  readonly target: Target;
  /** Rejects with ApiError if the server refuses, ApiClientError if the call fails, the signal's reason if it stops. */
  request(call: Call, options?: CallOptions): Promise<Answer>;
  /** The same, with the body as text as it came. */
  requestText(call: Call, options?: CallOptions): Promise<string>;
  /** Lines of an endless answer (NDJSON), one by one, until the server ends it or the signal stops it. */
  lines(call: Call, options?: CallOptions): AsyncGenerator<string>;
  /** The bytes of a long answer as they come. */
  bytes(call: Call, options?: CallOptions): AsyncGenerator<Uint8Array>;
}

const TIMEOUT_MS = 30_000;

export function createApiClient(target: Target): ApiClient {
  return {
    target,
    request: (call, options = {}) =>
      withTimeout(target, call, options, async (signal) => {
        const response = await exchange(target, call, signal);
        const text = await readWhole(call, response, signal);
        return {
          status: okStatus(call, response, text, options),
          body: parseBody(call, text),
          etag: response.headers.etag,
        };
      }),
    requestText: (call, options = {}) =>
      withTimeout(target, call, options, async (signal) => {
        const response = await exchange(target, call, signal);
        const text = await readWhole(call, response, signal);
        okStatus(call, response, text, options);
        return text;
      }),
    lines: (call, options = {}) => streamed(target, call, options, readLines),
    bytes: (call, options = {}) => streamed(target, call, options, readBytes),
  };
}

async function* readBytes(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield Buffer.from(chunk);
}

async function* streamed<Item>(
  target: Target,
  call: Call,
  options: CallOptions,
  read: (stream: Readable) => AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  const stop = options.signal ?? new AbortController().signal;
  const response = await withTimeout(target, call, options, async (signal) => {
    const head = await exchange(target, call, signal);
    if (head.statusCode === 200) return head;
    const text = await readWhole(call, head, signal);
    okStatus(call, head, text, options);
    return head;
  });
  const onStop = (): void => {
    response.destroy();
  };
  stop.addEventListener("abort", onStop);
  if (options.idleTimeoutMs !== undefined) destroyWhenIdle(response, options.idleTimeoutMs);
  try {
    yield* read(response);
  } catch (error) {
    throw stop.aborted ? reasonOf(stop) : badAnswer(call, error);
  } finally {
    stop.removeEventListener("abort", onStop);
    response.destroy();
  }
}

/** A machine that lost its power says nothing more, not even that the connection is gone. */
function destroyWhenIdle(response: IncomingMessage, timeoutMs: number): void {
  response.setTimeout(timeoutMs, () => {
    response.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`));
  });
}

/** Gives the work a signal of its own that ends with the caller's or after the time, and tells the two apart. */
async function withTimeout<T>(
  target: Target,
  call: Call,
  { signal, timeoutMs = TIMEOUT_MS }: CallOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const onStop = (): void => {
    own.abort(signal?.reason);
  };
  if (signal?.aborted === true) onStop();
  signal?.addEventListener("abort", onStop);
  const timer = setTimeout(() => {
    own.abort(
      new ApiClientError(
        "api-client.timeout",
        `Cannot ${describeCall(call)}: ${describeTarget(target)} gave no answer in ${timeoutMs / 1000} s`,
      ),
    );
  }, timeoutMs);
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onStop);
  }
}

async function readWhole(
  call: Call,
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await readText(response);
  } catch (error) {
    if (signal.aborted) throw reasonOf(signal);
    throw badAnswer(call, error);
  }
}

function okStatus(
  call: Call,
  response: IncomingMessage,
  text: string,
  options: CallOptions,
): number {
  const status = response.statusCode ?? 0;
  const isProblem = response.headers["content-type"]?.startsWith("application/problem+json");
  if (status >= 200 && status < 300) return status;
  if (isProblem !== true && options.alsoOk?.includes(status) === true) return status;
  throw toApiError(
    describeCall(call),
    status,
    isProblem === true ? parseBody(call, text) : undefined,
  );
}

function parseBody(call: Call, text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not the cause: its message quotes the text.
    throw badAnswer(call, new Error("it is not JSON"));
  }
}

function badAnswer(call: Call, cause: unknown): ApiClientError {
  return new ApiClientError(
    "api-client.bad-answer",
    `Cannot read the answer to ${describeCall(call)}`,
    { cause },
  );
}

function describeCall({ method, path }: Call): string {
  return `${method} ${path}`;
}
