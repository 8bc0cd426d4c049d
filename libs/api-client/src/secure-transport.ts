import type { IncomingMessage, RequestOptions } from "node:http";
import { request } from "node:https";
import type { ClientRequest } from "node:http";
import type { Target } from "./target.ts";

type RemoteTarget = Exclude<Target, { socketPath: string }>;

/** In a module of its own, loaded only for remote targets: TLS costs start-up that the local socket does not need. */
export function secureRequest(
  target: RemoteTarget,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const { host, port, ca, cert, key } = target;
  // The host name is checked against the server's certificate: that is node's default and stays.
  return request({ ...options, host, port, ca, cert, key, minVersion: "TLSv1.3" }, onResponse);
}
