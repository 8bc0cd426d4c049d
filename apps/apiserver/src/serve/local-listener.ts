import { chmodSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { ListenOptions } from "node:net";
import { ApiError } from "../api-error.ts";
import { SERVER_OPTIONS } from "../http/server-limits.ts";
import { takeUpgrades, UPGRADE_OPTIONS, type ExchangeHandler } from "../http/take-upgrades.ts";

const FIRST_PASSED_FD = 3;
const MAX_CONNECTIONS = 128;

/** Serves on the socket that systemd passes (sd_listen_fds(3)), or on a path. */
export async function listenLocally(
  path: string | undefined,
  defaultPath: string,
  env: Readonly<Record<string, string | undefined>>,
  processId: number,
  handler: ExchangeHandler,
): Promise<Server> {
  const server = createServer({ ...SERVER_OPTIONS, ...UPGRADE_OPTIONS }, handler);
  takeUpgrades(server, handler);
  server.maxConnections = MAX_CONNECTIONS;
  const isPassed = env["LISTEN_FDS"] === "1" && env["LISTEN_PID"] === String(processId);
  if (isPassed && path === undefined) await listen(server, { fd: FIRST_PASSED_FD });
  else {
    const socket = path ?? defaultPath;
    removeStale(socket);
    await listen(server, { path: socket });
    chmodSync(socket, 0o660);
  }
  return server;
}

/** A socket left by a killed server; anything else at this path is somebody's file. */
function removeStale(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new ApiError("apiserver.bad-socket", `Cannot listen on "${path}": it is not a socket`);
  rmSync(path);
}

function listen(server: Server, options: ListenOptions | { readonly fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new ApiError("apiserver.bad-socket", "Cannot listen on the API socket", { cause }));
    });
    server.listen(options, resolve);
  });
}
