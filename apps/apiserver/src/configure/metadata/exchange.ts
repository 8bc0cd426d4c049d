import { Agent, request, type IncomingMessage } from "node:http";
import { SourceError } from "../source-error.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Wish {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body of the answer. */
  readonly maxBytes: number;
}

export interface Reply {
  readonly status: number;
  /** Read only with status 200. */
  readonly body: Buffer;
}

const HEADERS_MAX_BYTES = 8 * 1024;

/**
 * One request and its answer over HTTP/1.1, on a connection of its own. A redirect is an answer like any other. Everything
 * that keeps it from an answer is a {@link SourceError}.
 */
export async function exchange(
  { host, port }: Address,
  { method, path, headers, maxBytes }: Wish,
  limitMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  const limit = AbortSignal.timeout(limitMs);
  // An agent of our own: the global one may have been told of a proxy.
  const sent = request({
    host,
    port,
    method,
    path,
    headers,
    agent: new Agent(),
    maxHeaderSize: HEADERS_MAX_BYTES,
    signal: AbortSignal.any([signal, limit]),
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on("response", resolve);
      sent.on("error", reject);
      sent.end();
    });
    const status = response.statusCode ?? 0;
    return { status, body: status === 200 ? await readBody(response, maxBytes) : Buffer.alloc(0) };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw unreachable(`it took longer than ${limitMs} ms`);
    throw fault(error);
  } finally {
    sent.destroy();
  }
}

export function unreachable(reason: string, cause?: unknown): SourceError {
  return new SourceError("apiserver.source-unreachable", reason, { cause });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw new Error("A body without an encoding is not of buffers");
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new SourceError(
        "apiserver.source-too-large",
        `the answer is longer than ${maxBytes} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function fault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SourceError) return error;
  const code = "code" in error ? String(error.code) : "";
  // What the parser of HTTP refuses.
  if (code.startsWith("HPE_"))
    return new SourceError("apiserver.source-bad-answer", "the answer is not HTTP", {
      cause: error,
    });
  return unreachable("there is no answer", error);
}
