import { request, type IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError } from "../api-error.ts";
import { callerName } from "../http/handle-request.ts";
import type { Caller } from "../http/route.ts";

/** What the manager of containers has answered to a websocket's handshake. */
interface Connected {
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly accept: string;
}

const TIMEOUT_MS = 10_000;

/** Hands a handshake on to the manager of containers, with who asks. Rejects with an ApiError if it does not take it. */
export async function connectExec(
  socketPath: string,
  { "sec-websocket-key": key = "", "sec-websocket-version": version = "" }: IncomingHttpHeaders,
  caller: Caller,
  stop: AbortSignal,
): Promise<Connected> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": key,
      "sec-websocket-version": version,
      "ballast-caller": encodeURIComponent(callerName(caller)),
      "ballast-role": caller.role,
    };
    const sent = request({ socketPath, path: "/", headers, agent: false, signal });
    sent.on("upgrade", (response, socket, head) => {
      resolve({ socket, head, accept: response.headers["sec-websocket-accept"] ?? "" });
    });
    sent.on("response", (response) => {
      response.resume();
      reject(
        response.statusCode === 503
          ? new ApiError("apiserver.too-many-streams", "Too many commands run in containers")
          : new ApiError(
              "apiserver.command-failed",
              `The manager of containers answered ${response.statusCode}`,
            ),
      );
    });
    sent.on("error", (cause) => {
      reject(
        new ApiError(
          "apiserver.no-manager",
          "Cannot run a command: the manager of containers does not run",
          { cause, hint: "See the journal: apiclient logs --unit host-containers.service" },
        ),
      );
    });
    sent.end();
  });
}
