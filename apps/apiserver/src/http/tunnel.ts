import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The other end of a connection that has gone over to another protocol. */
export interface Tunnel {
  readonly socket: Duplex;
  /** What has come from there behind its answer. */
  readonly head: Uint8Array;
  /** Cuts the connection. */
  readonly signal: AbortSignal;
}

/** For a client that was told that it is over, and stays. */
const LINGER_MS = 10_000;

/**
 * Hands bytes through in both directions, neither faster than the other side takes them, until both sides have ended. What the
 * other end has sent before it went reaches the client; a client that goes takes the other end with it.
 */
export async function runTunnel(
  client: Socket,
  head: Uint8Array,
  { socket, head: firstBytes, signal }: Tunnel,
): Promise<void> {
  const cut = (): void => {
    client.destroy();
    socket.destroy();
  };
  const ended = new Promise<void>((resolve) => {
    client.once("close", () => {
      socket.destroy();
      resolve();
    });
  });
  socket.on("error", () => undefined);
  socket.once("close", () => {
    client.end();
    // What it still sends nobody wants; unread, it would hide that the client has ended too.
    client.unpipe(socket);
    client.resume();
  });
  client.once("finish", () => {
    client.setTimeout(LINGER_MS, () => client.destroy());
  });
  if (signal.aborted || client.destroyed) cut();
  signal.addEventListener("abort", cut);
  client.write(firstBytes);
  socket.write(head);
  socket.pipe(client);
  client.pipe(socket);
  await ended;
  signal.removeEventListener("abort", cut);
}
