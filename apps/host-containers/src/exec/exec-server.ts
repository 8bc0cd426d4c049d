import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { EXEC_CLOSE, EXEC_LIMITS } from "@ballast/model/exec";
import { errorFields } from "@ballast/service";
import { ExecSession, type Caller, type SessionEdge } from "./exec-session.ts";
import { removeLeftovers } from "./leftovers.ts";

/** Commands at a time. */
const MAX_SESSIONS = 32;

/**
 * Runs commands for the API server, which alone can open the socket: a websocket for each. Resolves when the edge's signal has
 * ended all of them. Workloads do not depend on it: what fails is logged.
 */
export async function serveExec(edge: SessionEdge): Promise<void> {
  const { log, signal, containerds } = edge;
  const { folder, socket: path } = edge.places;
  const sessions = new Set<ExecSession>();
  const running = new Set<Promise<void>>();
  const server = createServer((_request, response) => {
    response.writeHead(426, { upgrade: "websocket", connection: "close" }).end();
  });
  const take = async (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    const upgrade = await sessionMaker();
    const session = await upgrade(request, socket, head, edge);
    sessions.add(session);
    if (signal.aborted) session.close(EXEC_CLOSE.goingAway, STOPPING);
    await session.run();
    sessions.delete(session);
  };
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => undefined);
    if (running.size >= MAX_SESSIONS) {
      socket.end(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
      );
      return;
    }
    const session = take(request, socket, head)
      .catch((error: unknown) => {
        socket.destroy();
        log.error("A command in a container was lost", errorFields(error));
      })
      .finally(() => running.delete(session));
    running.add(session);
  });
  let cleaning: Promise<void> | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    cleaning = removeLeftovers(folder, readdirSync(folder), containerds, edge);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path }, resolve);
    });
    chmodSync(path, 0o600);
  } catch (error) {
    if (!signal.aborted) log.error("Commands cannot be run in containers", errorFields(error));
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
  server.close();
  server.closeAllConnections();
  for (const session of sessions) session.close(EXEC_CLOSE.goingAway, STOPPING);
  await Promise.all([cleaning, ...running]);
}

const STOPPING = "The manager of containers stops";

type Upgrade = (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  edge: SessionEdge,
) => Promise<ExecSession>;

/** Loads its library with the first command: most managers never run one. */
async function sessionMaker(): Promise<Upgrade> {
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: EXEC_LIMITS.maxMessageBytes,
    // No continuation frames: nobody needs them, and their pieces would be kept.
    maxFragments: 1,
  });
  return (request, socket, head, edge) =>
    new Promise((resolve, reject) => {
      // It answers a bad handshake by itself.
      socket.once("close", () => {
        reject(new Error("the connection was closed within its handshake"));
      });
      server.handleUpgrade(request, socket, head, (webSocket) => {
        resolve(new ExecSession(webSocket, edge, callerOf(request)));
      });
    });
}

/** The API server says who it is, in what it can send as a header. */
function callerOf({ headers }: IncomingMessage): Caller {
  const text = (name: string): string => {
    const value = headers[name];
    return typeof value === "string" ? decodeURIComponent(value) : "unknown";
  };
  return { who: text("ballast-caller"), role: text("ballast-role") };
}
