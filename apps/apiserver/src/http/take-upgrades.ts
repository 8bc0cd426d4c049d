import { ServerResponse, type IncomingMessage, type Server, type ServerOptions } from "node:http";
import { upgradesOf } from "./upgrade.ts";

/** Any other offer, and one with another method, is an ordinary request to Node. */
export const UPGRADE_OPTIONS = {
  shouldUpgradeCallback: ({ method, headers }: IncomingMessage): boolean =>
    method === "GET" && upgradesOf(headers).includes("websocket"),
} as const satisfies ServerOptions;

/** `head` is there for an offer that can be taken: what the client has sent behind it. */
export type ExchangeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  head?: Buffer,
) => void;

/**
 * Has offers of a websocket handled as all requests are, so that the same checks refuse them in the same words. Whoever takes one
 * goes on with the socket of the response.
 */
export function takeUpgrades(server: Pick<Server, "on">, handler: ExchangeHandler): void {
  server.on("upgrade", (request: IncomingMessage, _stream: unknown, head: Buffer) => {
    const { socket } = request;
    // Node listens no more.
    socket.on("error", () => undefined);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.on("finish", () => {
      socket.destroySoon();
    });
    handler(request, response, head);
  });
}
