import type { IncomingMessage } from "node:http";
import { ApiError } from "../api-error.ts";

export const BODY_MAX_BYTES = 1024 * 1024;
const DRAIN_MAX_BYTES = 16 * BODY_MAX_BYTES;
const DRAIN_MS = 2000;

/** Reads and parses a JSON body; undefined if there is none and none is needed. Reading stops at the limit, whatever the length header said. */
export async function readJson(
  request: IncomingMessage,
  maxBytes = BODY_MAX_BYTES,
  mayBeEmpty = false,
): Promise<unknown> {
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json")
    throw new ApiError("apiserver.not-json", "Body must be application/json");
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0 && mayBeEmpty) return undefined;
  if (bytes.length === 0) throw new ApiError("apiserver.bad-body", "Body must not be empty");
  return parse(bytes);
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Leaving the loop must not destroy the connection on which the refusal is to be answered.
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads on past a refusal, within bounds: closing while a client still sends would reset the connection, and the
 * client would see that instead of the answer.
 */
export async function drain(request: IncomingMessage): Promise<void> {
  let sizeBytes = 0;
  const late = setTimeout(() => request.destroy(), DRAIN_MS);
  try {
    const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of parts) {
      sizeBytes += chunk.length;
      if (sizeBytes > DRAIN_MAX_BYTES) return;
    }
  } catch {
    // The client is gone, or too slow: nothing is owed to it any more.
  } finally {
    clearTimeout(late);
  }
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError("apiserver.bad-body", "Body must be UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the input, which may be a secret.
    throw new ApiError("apiserver.bad-body", "Body must be JSON, cannot be parsed");
  }
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("apiserver.body-too-large", `Body must be at most ${maxBytes} bytes`);
}
