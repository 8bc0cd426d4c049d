import {
  constants,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { once } from "node:events";
import { ContainerdError } from "../containerd-error.ts";
import type { Channel } from "./channel.ts";
import { faultOf, isRefused } from "./fault.ts";
import { frame, FrameReader } from "./frame.ts";
import { statusOf, statusOfHttp } from "./status.ts";

export interface Exchange {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** What is being done, for errors: `start container "web"`. */
  readonly act: string;
  readonly messages: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * One gRPC call: sends the messages, yields those of the answer, ends when the server ended it with success. Throws a
 * {@link ContainerdError}, or the reason of the signal. Stopping to read cancels the call.
 */
export async function* exchange(
  channel: Channel,
  call: Exchange,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* attempt(channel, call);
  } catch (error) {
    // The server says that it has not looked at the call: once more, on a connection that may be another.
    if (!isRefused(error) || !Array.isArray(call.messages)) throw error;
    yield* attempt(channel, call);
  }
}

async function* attempt(
  channel: Channel,
  call: Exchange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { act, signal, timeoutMs } = call;
  signal?.throwIfAborted();
  const stream = openStream(channel, call);
  const { session } = stream;
  const end = watchEnd(stream, timeoutMs, signal);
  const head = collectHead(stream);
  const sending = send(stream, call.messages);
  // Its faults are told by the stream, or by `fault`.
  sending.done.catch(() => undefined);
  const reader = new FrameReader();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield* reader.read(chunk);
    // To a reader a connection that was cut looks like the end of the answer.
    const hasStatus = head()["grpc-status"] !== undefined;
    if (!hasStatus && session?.destroyed !== false) throw new Error("it was cut");
    mustBeOk(act, head());
    reader.end();
  } catch (error) {
    if (sending.fault !== undefined) throw sending.fault.error;
    if (end.reason === "aborted") throw signal?.reason;
    if (end.reason === "late")
      throw new ContainerdError(
        act,
        "deadline-exceeded",
        `no answer in ${Number(timeoutMs) / 1000} s`,
      );
    if (error instanceof ContainerdError) throw error;
    throw faultError(act, error, channel.socketPath);
  } finally {
    end.stop();
    if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
    // Whatever became of it, the caller has the error of the call.
    stream.on("error", () => undefined);
  }
}

function openStream(channel: Channel, call: Exchange): ClientHttp2Stream {
  const headers: OutgoingHttpHeaders = {
    ...call.metadata,
    [constants.HTTP2_HEADER_METHOD]: constants.HTTP2_METHOD_POST,
    [constants.HTTP2_HEADER_PATH]: call.path,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc+proto",
    [constants.HTTP2_HEADER_TE]: "trailers",
  };
  try {
    return channel.request(headers);
  } catch (error) {
    throw faultError(call.act, error, channel.socketPath);
  }
}

function faultError(act: string, error: unknown, socketPath: string): ContainerdError {
  const { status, reason, cause } = faultOf(error, socketPath);
  return new ContainerdError(act, status, reason, { cause });
}

interface End {
  reason: "aborted" | "late" | undefined;
  stop(): void;
}

/** Ends the stream when time is up or the caller gives up, and remembers which. */
function watchEnd(
  stream: ClientHttp2Stream,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): End {
  const finish = (reason: "aborted" | "late"): void => {
    end.reason ??= reason;
    // First the frame that tells the server, then the error that ends our own reading.
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy(new Error(reason));
  };
  const onAbort = (): void => {
    finish("aborted");
  };
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          finish("late");
        }, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  const end: End = {
    reason: undefined,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
  return end;
}

function collectHead(stream: ClientHttp2Stream): () => IncomingHttpHeaders {
  // An answer without a message has its trailers in the head.
  let head: IncomingHttpHeaders = {};
  stream.on("response", (headers) => {
    head = { ...head, ...headers };
  });
  stream.on("trailers", (trailers) => {
    head = { ...head, ...trailers };
  });
  return () => head;
}

interface Sending {
  readonly done: Promise<void>;
  /** The caller's own messages failed, and with what: not the stream, which then only followed. */
  fault?: { readonly error: unknown };
}

function send(stream: ClientHttp2Stream, messages: Exchange["messages"]): Sending {
  async function* watched() {
    try {
      yield* messages;
    } catch (error) {
      sending.fault = { error };
      throw error;
    }
  }
  async function run(): Promise<void> {
    try {
      for await (const message of watched()) {
        // The server may end the call before it has heard all.
        if (stream.destroyed || stream.writableEnded) return;
        if (!stream.write(frame(message))) await writable(stream);
      }
      stream.end();
    } catch (error) {
      stream.destroy(new Error("sending failed", { cause: error }));
      throw error;
    }
  }
  const sending: Sending = { done: run() };
  return sending;
}

/** Resolves when more can be written, or never will be. */
async function writable(stream: ClientHttp2Stream): Promise<void> {
  const closed = new AbortController();
  const onClose = (): void => {
    closed.abort();
  };
  stream.once("close", onClose);
  try {
    await once(stream, "drain", { signal: closed.signal });
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  } finally {
    stream.off("close", onClose);
  }
}

function mustBeOk(act: string, head: IncomingHttpHeaders): void {
  const httpStatus = Number(head[":status"] ?? 0);
  if (httpStatus === 0) throw new Error("it closed the connection without an answer");
  const report =
    httpStatus === 200 || head["grpc-status"] !== undefined
      ? statusOf(head)
      : statusOfHttp(httpStatus);
  if (report.status !== "ok") throw new ContainerdError(act, report.status, report.message);
}
