import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { VmError } from "./vm-error.ts";

/** What a client shows and believes, as PEM texts. */
export interface ClientIdentity {
  readonly ca: string;
  /** Absent to come without a certificate. */
  readonly certificate?: string;
  readonly key?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * The API as an outsider sees it: TLS and HTTP without any code of the product, because tests judge the product by it.
 * Each request makes a connection of its own.
 */
export class RemoteApi {
  readonly #port: number;
  readonly #identity: ClientIdentity;

  constructor(port: number, identity: ClientIdentity) {
    this.#port = port;
    this.#identity = identity;
  }

  /** The answer, whatever its status; a {@link VmError} `vm.api` if none comes. */
  async send(wanted: ApiRequest): Promise<ApiAnswer> {
    const method = wanted.method ?? "GET";
    try {
      return await this.#exchange(method, wanted);
    } catch (cause) {
      throw new VmError("vm.api", `Cannot ${method} ${wanted.path} on port ${this.#port}`, {
        cause,
      });
    }
  }

  /** The JSON of a successful answer. */
  async get(path: string): Promise<unknown> {
    const answer = await this.send({ path });
    if (answer.status !== 200) throw unexpected(`GET ${path}`, answer);
    return JSON.parse(answer.text);
  }

  /** Sends what must succeed; gives the JSON of the answer, undefined if there is none. */
  async call(method: string, path: string, body?: unknown, timeoutMs = 60_000): Promise<unknown> {
    const answer = await this.send({ method, path, body, timeoutMs });
    if (answer.status >= 300) throw unexpected(`${method} ${path}`, answer);
    return answer.text === "" ? undefined : JSON.parse(answer.text);
  }

  async #exchange(method: string, wanted: ApiRequest): Promise<ApiAnswer> {
    const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
    const options: RequestOptions = {
      host: "127.0.0.1",
      port: this.#port,
      method,
      path: wanted.path,
      agent: false,
      ca: this.#identity.ca,
      cert: this.#identity.certificate,
      key: this.#identity.key,
      headers: {
        ...wanted.headers,
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      signal: AbortSignal.timeout(wanted.timeoutMs ?? 20_000),
    };
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const outgoing = request(options, (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, text: content, headers: response.headers });
      }, reject);
    });
    outgoing.on("error", reject).end(body);
    return promise;
  }
}

function unexpected(act: string, answer: ApiAnswer): VmError {
  return new VmError("vm.api", `Cannot ${act}: the answer is ${answer.status} ${answer.text}`, {
    details: { status: answer.status },
  });
}
