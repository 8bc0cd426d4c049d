import { request as plainRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { request as tlsRequest, type RequestOptions as TlsOptions } from "node:https";
import { text } from "node:stream/consumers";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

export interface Sent {
  readonly body?: unknown;
  /** Instead of `body`: bytes as they are. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One HTTP exchange over a unix socket or TLS; rejects when there is no answer. */
export function httpCall(
  target: RequestOptions | TlsOptions,
  method: string,
  path: string,
  sent: Sent = {},
): Promise<Reply> {
  const raw = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  return new Promise((resolve, reject) => {
    const isPlain = !("port" in target) || target.protocol === "http:";
    const make = isPlain ? plainRequest : tlsRequest;
    const headers = {
      ...(raw === undefined ? {} : { "content-length": Buffer.byteLength(raw) }),
      ...sent.headers,
    };
    const call = make({ agent: false, ...target, method, path, headers }, (response) => {
      text(response).then((body) => {
        const isJson = response.headers["content-type"]?.includes("json") === true && body !== "";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: body,
          json:
            isJson && !response.headers["content-type"]?.includes("ndjson")
              ? JSON.parse(body)
              : undefined,
        });
      }, reject);
    });
    call.on("error", reject);
    call.end(raw);
  });
}
