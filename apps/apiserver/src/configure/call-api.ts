import { request } from "node:http";
import { text } from "node:stream/consumers";
import { ConfigureError } from "./configure-error.ts";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Applying all settings restarts services, and each restart may take a minute. */
const TIMEOUT_MS = 15 * 60_000;

/** One call over the unix socket. Rejects with a coded error if there is no whole answer. */
export async function callApi(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    return await exchange(socketPath, method, path, body, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new ConfigureError("configure.no-answer", `Cannot call ${method} ${path}`, { cause });
  }
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const options = {
      socketPath,
      method,
      path,
      headers,
      signal,
      timeout: TIMEOUT_MS,
      agent: false,
    };
    const call = request(options, (response) => {
      text(response)
        .then((answer) => ({
          status: response.statusCode ?? 0,
          body: answer === "" ? undefined : (JSON.parse(answer) as unknown),
        }))
        .then(resolve, reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
