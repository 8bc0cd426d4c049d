import type { X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import type { Settings } from "@ballast/model";
import type { Log } from "@ballast/service";
import { ApiError } from "../api-error.ts";
import { SERVER_OPTIONS, stopServer } from "../http/server-limits.ts";
import { takeUpgrades, UPGRADE_OPTIONS, type ExchangeHandler } from "../http/take-upgrades.ts";
import { revocationCheck } from "./revocations.ts";
import { boundConnections, HANDSHAKE_TIMEOUT_MS } from "./connection-bounds.ts";

type RemoteSettings = Settings["api"]["remote"];

export interface RemoteListener {
  /**
   * Starts, changes or stops the listener; answers whether anything changed. Rejects with a reason and leaves the
   * present listener alone if the new settings do not work.
   */
  apply(settings: RemoteSettings): Promise<boolean>;
  close(): Promise<void>;
}

export interface Peer {
  readonly certificate: X509Certificate | undefined;
  /** By a list of the present settings. */
  readonly isRevoked: (certificate: X509Certificate) => boolean;
  /** Aborted when the settings under which the connection was made are no longer those of the listener. */
  readonly ends: AbortSignal;
}

/** `peer` gives the client of the connection; it throws if that was made under former settings. */
export type RemoteHandler = (peer: () => Peer, ...exchange: Parameters<ExchangeHandler>) => void;

interface Running {
  readonly server: Server;
  readonly settings: string;
  readonly port: number;
}

export function createRemoteListener(handler: RemoteHandler, log: Log): RemoteListener {
  let running: Running | undefined;
  // Connections made under former settings, perhaps with a CA that is trusted no more, have no role any more.
  let currentSockets = new WeakSet<TLSSocket>();
  let settingsEnd = new AbortController();
  let isRevoked: Peer["isRevoked"] = () => false;
  const takeOver = (settings: RemoteSettings): void => {
    isRevoked = revocationCheck(settings);
    settingsEnd.abort();
    settingsEnd = new AbortController();
  };

  const onRequest: ExchangeHandler = (request, response, head) => {
    const { socket } = request;
    if (!(socket instanceof TLSSocket)) throw new Error("A TLS server got a plain socket");
    response.on("finish", () => {
      if (!currentSockets.has(socket)) socket.end();
    });
    const peer = (): Peer => {
      if (currentSockets.has(socket))
        return {
          certificate: socket.getPeerX509Certificate(),
          isRevoked,
          ends: settingsEnd.signal,
        };
      throw new ApiError(
        "apiserver.forbidden",
        "The settings of api.remote were changed since this connection was made",
        { hint: "Connect again." },
      );
    };
    handler(peer, request, response, head);
  };
  const start = async (
    settings: RemoteSettings,
    context: SecureContextOptions,
  ): Promise<Server> => {
    const server = createServer(
      {
        ...SERVER_OPTIONS,
        ...UPGRADE_OPTIONS,
        ...context,
        requestCert: true,
        rejectUnauthorized: true,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      },
      onRequest,
    );
    takeUpgrades(server, onRequest);
    boundConnections(server);
    server.on("secureConnection", (socket) => currentSockets.add(socket));
    server.on("tlsClientError", (error: Error & { code?: string }, socket) => {
      log.info("TLS client refused", {
        address: socket.remoteAddress,
        reason: error.code ?? error.message,
      });
    });
    await listen(server, settings.port);
    return server;
  };

  return {
    apply: async (settings) => {
      const text = JSON.stringify(settings);
      if (!settings.enabled) {
        const stopped = running;
        running = undefined;
        settingsEnd.abort();
        if (stopped !== undefined) void stopServer(stopped.server);
        return stopped !== undefined;
      }
      if (running?.settings === text) return false;
      const context = secureContext(settings);
      const former = running;
      if (former?.port === settings.port) {
        former.server.setSecureContext(context);
        currentSockets = new WeakSet();
        former.server.closeIdleConnections();
        running = { ...former, settings: text };
      } else {
        const server = await start(settings, context);
        running = { server, settings: text, port: settings.port };
        if (former !== undefined) void stopServer(former.server);
      }
      takeOver(settings);
      log.notice("Remote API is on", { port: settings.port });
      return true;
    },
    close: async () => {
      if (running !== undefined) await stopServer(running.server);
      running = undefined;
    },
  };
}

/** Also tries the options, because a listener would take a key that does not fit its certificate until a client comes. */
function secureContext(settings: RemoteSettings): SecureContextOptions {
  const options: SecureContextOptions = {
    ca: settings["ca-certificate"] ?? "",
    cert: settings["server-certificate"] ?? "",
    key: settings["server-key"] ?? "",
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
  };
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new ApiError(
      "apiserver.bad-remote-settings",
      `Cannot use the certificates of api.remote: ${error instanceof Error ? error.message : String(error)}`,
      { hint: "Check that server-key belongs to server-certificate." },
    );
  }
}

/** On `::`, which takes IPv4 too; on a kernel without IPv6 on all IPv4 addresses. */
async function listen(server: Server, port: number): Promise<AddressInfo | string | null> {
  try {
    return await listenOn(server, port, "::");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") throw listenError(port, error);
  }
  try {
    return await listenOn(server, port, "0.0.0.0");
  } catch (error) {
    throw listenError(port, error);
  }
}

function listenOn(
  server: Server,
  port: number,
  host: string,
): Promise<AddressInfo | string | null> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve(server.address());
    });
  });
}

function listenError(port: number, cause: unknown): ApiError {
  return new ApiError("apiserver.remote-listen", `Cannot listen on port ${port}`, { cause });
}
