import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Role } from "@ballast/model";
import { ApiError } from "../api-error.ts";
import type { Identity } from "../http/handle-request.ts";
import { SERVER_OPTIONS, stopServer } from "../http/server-limits.ts";
import { takeUpgrades, UPGRADE_OPTIONS, type ExchangeHandler } from "../http/take-upgrades.ts";

/** One container must not take the places of the others. */
const MAX_CONNECTIONS = 16;

export type HostSocketHandler = (
  identify: () => Identity,
  ...exchange: Parameters<ExchangeHandler>
) => void;

export interface HostSocket {
  readonly role: () => Role;
  /** Gives later connections this role and ends those that were made under the former one. */
  setRole(role: Role): void;
  /** Takes the socket away and ends its connections. Resolves when the last one has ended, after 5 s at the latest. */
  close(): Promise<void>;
}

/**
 * Serves the API for one host container. Everybody in the container may connect: who may enter the folder is what guards
 * the socket. Rejects with an ApiError.
 */
export async function openHostSocket(
  path: string,
  name: string,
  first: Role,
  handler: HostSocketHandler,
): Promise<HostSocket> {
  let role = first;
  let roleEnd = new AbortController();
  // What a connection may do is settled when it is made; one made under a former role may do nothing any more.
  let current = new WeakSet<Socket>();
  const running = new Map<Socket, IncomingMessage | undefined>();
  const endConnections = (): void => {
    current = new WeakSet();
    roleEnd.abort();
    roleEnd = new AbortController();
    // A request that has wholly arrived may be the very commit that ends its connection: it gets its answer.
    for (const [socket, request] of running) if (request?.complete !== true) socket.destroy();
  };
  const handle: ExchangeHandler = (request, response, head) => {
    const { socket } = request;
    running.set(socket, request);
    response.on("close", () => {
      if (running.has(socket)) running.set(socket, undefined);
      if (!current.has(socket)) socket.destroySoon();
    });
    const identify = (): Identity => {
      if (!current.has(socket)) throw formerRole(name);
      return { caller: { kind: "host-container", role, name }, ends: () => roleEnd.signal };
    };
    handler(identify, request, response, head);
  };
  const server = createServer({ ...SERVER_OPTIONS, ...UPGRADE_OPTIONS }, handle);
  takeUpgrades(server, handle);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connection", (socket) => {
    current.add(socket);
    running.set(socket, undefined);
    socket.once("close", () => running.delete(socket));
  });
  rmSync(path, { recursive: true, force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new ApiError(
          "apiserver.bad-socket",
          `Cannot listen on the socket of host container ${name}`,
          {
            cause,
          },
        ),
      );
    });
    server.listen({ path }, resolve);
  });
  chmodSync(path, 0o666);
  return {
    role: () => role,
    setRole: (next) => {
      role = next;
      endConnections();
    },
    close: async () => {
      endConnections();
      await stopServer(server);
    },
  };
}

function formerRole(name: string): ApiError {
  return new ApiError(
    "apiserver.forbidden",
    `The role of host container ${name} was changed since this connection was made`,
    { hint: "Connect again." },
  );
}
