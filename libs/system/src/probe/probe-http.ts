import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { SecureContext } from "node:tls";
import type { ProbeOptions } from "./probe-tcp.ts";

export interface HttpProbeOptions extends ProbeOptions {
  /** Whom to believe, for https. */
  readonly trust?: SecureContext | undefined;
}

/** GETs a URL and answers the status; the body is not read and a redirect not followed. */
export function probeHttp(
  url: URL,
  { timeoutMs, signal, trust }: HttpProbeOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? tlsRequest : plainRequest;
    const call = request(url, {
      agent: false,
      ...(trust === undefined ? {} : { secureContext: trust }),
      ...(signal === undefined ? {} : { signal }),
      headers: { "user-agent": "ballast-health", accept: "*/*" },
    });
    const late = setTimeout(() => {
      call.destroy(new Error(`no answer in ${timeoutMs / 1000} s`));
    }, timeoutMs);
    call.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    call.on("error", reject);
    call.on("close", () => {
      clearTimeout(late);
      reject(new Error("the connection was closed without an answer"));
    });
    call.end();
  });
}
