import { once } from "node:events";
import { createServer as createPlain, type IncomingMessage } from "node:http";
import { createServer as createSecure } from "node:https";
import type { Server } from "node:net";
import type { ServerIdentity } from "./issue-server.ts";

/** One request as a played server saw it. */
export interface SeenRequest {
  /** Host and port that the client meant. */
  readonly host: string;
  readonly url: string;
  readonly authorization: string | undefined;
}

/** A server on a free port of the loop-back address; a guest reaches it as its router. */
export interface PlayedServer extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
}

/** Answers `/` with success. For the rest it is a registry that lets in whoever logs in, and has no image. */
export async function playRegistry({ cert, key }: ServerIdentity): Promise<PlayedServer> {
  const seen: SeenRequest[] = [];
  const server = createSecure({ cert, key }, (request, response) => {
    const one = look(request, request.headers.authorization);
    seen.push(one);
    if (!one.url.startsWith("/v2/")) response.end();
    else if (one.authorization !== undefined) response.writeHead(404).end();
    else response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
  });
  return play(server, seen);
}

/** A proxy that notes who wants to be connected with whom, and connects nobody. */
export async function playProxy(): Promise<PlayedServer> {
  const seen: SeenRequest[] = [];
  const server = createPlain((_request, response) => response.writeHead(501).end());
  server.on("connect", (request: IncomingMessage, socket) => {
    seen.push(look(request, request.headers["proxy-authorization"]));
    socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
  });
  return play(server, seen);
}

function look(request: IncomingMessage, authorization: string | undefined): SeenRequest {
  return { host: request.headers.host ?? "", url: request.url ?? "", authorization };
}

async function play(server: Server, seen: readonly SeenRequest[]): Promise<PlayedServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return {
    port: address.port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.close();
      if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
        server.closeAllConnections();
      await once(server, "close");
    },
  };
}
