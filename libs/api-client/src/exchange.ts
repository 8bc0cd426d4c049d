import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { EXIT } from "@ballast/errors";
import { ApiClientError } from "./errors.ts";
import { describeTarget, type Target } from "./target.ts";

export interface Upload {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
}

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  /** Members that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Instead of `body`: bytes as they come. */
  readonly upload?: Upload;
  /** The ETag of the settings that the call is meant for; others refuse it with 412. */
  readonly ifMatch?: string;
}

/** Sends a call; resolves with the head of the answer. Rejects with an {@link ApiClientError} or the signal's reason. */
export async function exchange(
  target: Target,
  call: Call,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send =
    "socketPath" in target
      ? (options: object, onResponse: (response: IncomingMessage) => void): ClientRequest =>
          request({ ...options, socketPath: target.socketPath }, onResponse)
      : await secureSend(target);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options = {
      method: call.method,
      path: pathOf(call),
      signal,
      agent: false,
      headers: {
        accept: "application/json",
        ...(call.ifMatch === undefined ? {} : { "if-match": call.ifMatch }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...(call.upload === undefined
          ? {}
          : {
              "content-type": "application/octet-stream",
              "content-length": call.upload.sizeBytes,
            }),
      },
    };
    const sent = send(options, resolve);
    sent.on("error", (error) => {
      reject(signal.aborted ? reasonOf(signal) : unreachable(target, error));
    });
    if (call.upload === undefined) sent.end(body);
    else sendBytes(call.upload, sent);
  });
}

/** Ends with the answer, which may come before all is sent: then it is a refusal. */
function sendBytes({ bytes }: Upload, sent: ClientRequest): void {
  const source = Readable.from(bytes, { objectMode: false });
  source.on("error", (error) => sent.destroy(error));
  sent.on("response", (response) => {
    response.once("close", () => source.destroy());
  });
  sent.once("close", () => source.destroy());
  source.pipe(sent);
}

/** What the signal was aborted with, as an error. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

function pathOf({ path, query = {} }: Call): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  if (pairs.length === 0) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

async function secureSend(target: Exclude<Target, { socketPath: string }>) {
  const { secureRequest } = await import("./secure-transport.ts");
  return (options: object, onResponse: (response: IncomingMessage) => void): ClientRequest =>
    secureRequest(target, options, onResponse);
}

/** Why a connection did not come to be. */
export function unreachable(target: Target, error: Error): ApiClientError {
  const code = "code" in error ? String(error.code) : "";
  const hint = "socketPath" in target ? LOCAL_HINTS[code] : (REMOTE_HINTS[code] ?? tlsHint(code));
  return new ApiClientError(
    "api-client.unreachable",
    `Cannot reach the API at ${describeTarget(target)}`,
    {
      cause: error,
      exitCode: code === "EACCES" || code === "EPERM" ? EXIT.noPermission : EXIT.unavailable,
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

const LOCAL_HINTS: Readonly<Record<string, string>> = {
  ENOENT:
    "Is this a Ballast machine? Another one is called by --context NAME, or by --remote HOST with --credentials DIR.",
  EACCES: "The socket is for root and the group api.",
};

const REMOTE_HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Is settings.api.remote.enabled true on that machine?",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "Call the machine by a name that is in its certificate, or make one with apiclient bootstrap --name NAME.",
};

function tlsHint(code: string): string | undefined {
  if (code.startsWith("ERR_SSL_") || code === "ECONNRESET")
    return "The server refused the connection: is the client certificate of the CA that the machine trusts, and valid?";
  return code.includes("CERT") || code.includes("SIGNATURE")
    ? "The server's certificate is not of the CA in the credentials."
    : undefined;
}
