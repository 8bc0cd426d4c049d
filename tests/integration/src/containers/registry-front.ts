import { once } from "node:events";
import { rm } from "node:fs/promises";
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { ContainersLab } from "@ballast/testkit/containers";
import type { Identity } from "../certificates.ts";

const START_LIMIT_MS = 20_000;

/** One request as the front saw it. */
export interface Seen {
  /** The name that the client meant, without its port. */
  readonly host: string;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** Bytes of the answer's body that were written. */
  sent: number;
}

/** Answers instead of the registry; `forward` asks it. */
export type Play = (seen: Seen, response: ServerResponse, forward: () => void) => void;

export interface FrontOptions {
  readonly port: number;
  readonly identity: Identity;
  /** For names that need another certificate. */
  readonly identities?: Readonly<Record<string, Identity>>;
  /** The registry of each name, as the path of its socket. */
  readonly upstream: (host: string, url: string) => string;
}

/**
 * Stands in front of registries in the lab, with TLS, and answers in their place where a test wants a fault. It runs in the
 * test itself: the lab's own network reaches it by a bridge.
 */
export class RegistryFront implements AsyncDisposable {
  readonly seen: Seen[] = [];
  play: Play | undefined;
  readonly #close: () => Promise<void>;

  private constructor(close: () => Promise<void>) {
    this.#close = close;
  }

  static async start(lab: ContainersLab, options: FrontOptions): Promise<RegistryFront> {
    const { port, identity, identities = {}, upstream } = options;
    const inLab = `/var/front-${port}`;
    const socketPath = lab.path(inLab.slice(1));
    const contexts = new Map(
      Object.entries(identities).map(([name, one]) => [name, createSecureContext(one)]),
    );
    const server = createServer({
      ...identity,
      SNICallback: (name, done) => {
        done(null, contexts.get(name));
      },
    });
    const front = new RegistryFront(async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      await rm(socketPath, { force: true });
    });
    server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
      front.#answer(incoming, response, upstream);
    });
    // What a test cuts is no fault of the server.
    server.on("tlsClientError", () => undefined);
    server.listen(socketPath);
    await once(server, "listening");
    const bridge = lab.namespaces.start(["/var/probe", "bridge", String(port), inLab]);
    await bridge.waitFor("bridging", START_LIMIT_MS);
    return front;
  }

  /** Forgets what was seen and played. */
  reset(): void {
    this.seen.length = 0;
    this.play = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #answer(
    incoming: IncomingMessage,
    response: ServerResponse,
    upstream: FrontOptions["upstream"],
  ): void {
    const host = (incoming.headers.host ?? "").replace(/:\d+$/, "");
    const seen: Seen = {
      host,
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      range: incoming.headers.range,
      authorization: incoming.headers.authorization,
      sent: 0,
    };
    this.seen.push(seen);
    response.on("error", () => undefined);
    const forward = () => {
      forwardTo(upstream(host, seen.url), incoming, response, seen);
    };
    if (this.play === undefined) forward();
    else this.play(seen, response, forward);
  }
}

function forwardTo(
  socketPath: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
): void {
  const { method, url: path, headers } = incoming;
  const asked = request({ socketPath, method, path, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("data", (piece: Buffer) => {
      seen.sent += piece.length;
    });
    answer.pipe(response);
  });
  asked.on("error", () => {
    response.writeHead(502).end();
  });
  incoming.pipe(asked);
}
