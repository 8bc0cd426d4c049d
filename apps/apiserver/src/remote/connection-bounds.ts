import type { Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** A handshake takes two round trips; a client that says nothing must not hold its place for longer. */
export const HANDSHAKE_TIMEOUT_MS = 5000;
const MAX_HANDSHAKES = 32;
const MAX_CLIENTS = 64;

/**
 * Bounds connections with and without a finished handshake apart: anybody can make the latter, so their number must
 * not keep out those who have a certificate. When there are too many, the one that has waited longest goes.
 */
export function boundConnections(server: Server): void {
  const handshakes = new Map<string, Socket>();
  const clients = new Set<TLSSocket>();
  server.on("connection", (socket: Socket) => {
    const peer = peerName(socket);
    handshakes.set(peer, socket);
    socket.once("close", () => {
      if (handshakes.get(peer) === socket) handshakes.delete(peer);
    });
    const [oldest] = handshakes.values();
    if (handshakes.size > MAX_HANDSHAKES) oldest?.destroy();
  });
  server.on("secureConnection", (socket) => {
    handshakes.delete(peerName(socket));
    if (clients.size >= MAX_CLIENTS) {
      socket.destroy();
      return;
    }
    clients.add(socket);
    socket.once("close", () => clients.delete(socket));
  });
}

/** The TLS socket is another object than the plain one below it, of the same peer. */
function peerName({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
