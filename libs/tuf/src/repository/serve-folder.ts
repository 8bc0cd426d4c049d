import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { realpath } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { pipeline } from "node:stream/promises";
import { openServed, pathOf, type ServedFile } from "./served-file.ts";
import { isNotModified, rangeOf, type ByteRange } from "./http-conditions.ts";

export interface ServeOptions {
  /** An address of this computer; the loopback one unless told. */
  readonly host?: string;
  /** Any free one unless told. */
  readonly port?: number;
  /** Told of each answer when its head is decided. */
  readonly onAnswer?: (answer: Answered) => void;
}

export interface Answered {
  readonly method: string;
  /** As it was asked for. */
  readonly target: string;
  readonly status: number;
  /** Of the body. */
  readonly sizeBytes: number;
}

export interface FolderServer extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: URL;
}

interface Head {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Of the file that is the body. */
  readonly range?: ByteRange;
}

/** What never changes under its name: metadata with their version before it, targets with their hash (TUF 7.4). */
const FIXED_NAME = /^(?:[1-9]\d*\.(?:root|targets|snapshot)\.json|[0-9a-f]{64}\..+)$/;
const TYPES = [
  [".json", "application/json"],
  [".zst", "application/zstd"],
] as const;

/**
 * Hands out the files below a folder as a static file server does (RFC 9110: GET and HEAD, conditions, single ranges). It is for
 * development and tests; nothing leads out of the folder, names that begin with a dot are not there.
 */
export async function serveFolder(folder: string, options: ServeOptions): Promise<FolderServer> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    // Whoever went away before the end needs no answer; what else goes wrong ends the connection, so that nobody takes a part for all.
    answer(root, request, response, options.onAnswer).catch(() => response.destroy());
  });
  const host = options.host ?? "127.0.0.1";
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("It has no port");
  return {
    url: new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${address.port}/`),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: ServeOptions["onAnswer"] = () => undefined,
): Promise<void> {
  const { method = "", url: target = "" } = request;
  const path = pathOf(target);
  await using file = path === undefined ? undefined : await openServed(root, path);
  const head = headOf(request, file);
  const { range } = head;
  const sizeBytes = range === undefined ? 0 : range.end - range.start;
  response.writeHead(head.status, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-length": sizeBytes,
    ...head.headers,
  });
  onAnswer({ method, target, status: head.status, sizeBytes });
  if (file === undefined || range === undefined || sizeBytes === 0 || method === "HEAD")
    response.end();
  else await pipeline(file.read(range), response);
}

function headOf({ method, headers }: IncomingMessage, file: ServedFile | undefined): Head {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, headers: { allow: "GET, HEAD" } };
  if (file === undefined) return { status: 404 };
  const { etag, modified, sizeBytes } = file;
  const common = {
    "accept-ranges": "bytes",
    "cache-control": FIXED_NAME.test(file.name)
      ? "public, max-age=31536000, immutable"
      : "no-cache",
    etag,
    "last-modified": modified.toUTCString(),
  };
  if (isNotModified(headers, file)) return { status: 304, headers: common };
  const type = TYPES.find(([end]) => file.name.endsWith(end))?.[1] ?? "application/octet-stream";
  const all = { ...common, "content-type": type };
  // A range means something to GET alone (RFC 9110, 14.2).
  const range = method === "GET" ? rangeOf(headers, file) : undefined;
  if (range === "unsatisfiable")
    return { status: 416, headers: { "content-range": `bytes */${sizeBytes}` } };
  if (range === undefined)
    return { status: 200, headers: all, range: { start: 0, end: sizeBytes } };
  const told = `bytes ${range.start}-${range.end - 1}/${sizeBytes}`;
  return { status: 206, headers: { ...all, "content-range": told }, range };
}
