import { createServer, type RequestListener, type Server } from "node:http";
import type { Settings } from "@ballast/model";
import type { Log } from "@ballast/service";
import { ApiError } from "../api-error.ts";
import { SERVER_OPTIONS, stopServer } from "../http/server-limits.ts";

/** Scrapers are few; whoever floods the port must not take connections from the API. */
const MAX_CONNECTIONS = 16;

type Place = Pick<Settings["metrics"], "address" | "port">;

export interface MetricsListener {
  /**
   * Starts, moves or stops the listener; answers whether anything changed. Rejects with an ApiError, and then the present
   * listener goes on.
   */
  apply(settings: Settings["metrics"]): Promise<boolean>;
  close(): Promise<void>;
}

export function createMetricsListener(handler: RequestListener, log: Log): MetricsListener {
  let running: { readonly server: Server; readonly place: Place } | undefined;

  const stop = async (): Promise<void> => {
    const stopped = running;
    running = undefined;
    if (stopped !== undefined) await stopServer(stopped.server);
  };
  const start = async (place: Place): Promise<void> => {
    running = { server: await listen(handler, place), place };
  };
  const move = async (place: Place): Promise<void> => {
    const former = running?.place;
    // First away from the former place: all addresses and one of them cannot be listened on together.
    await stop();
    try {
      await start(place);
    } catch (error) {
      if (former !== undefined) await start(former);
      throw error;
    }
  };

  return {
    apply: async ({ enabled, address, port }) => {
      const place = running?.place;
      if (!enabled) {
        if (place === undefined) return false;
        await stop();
        log.notice("Metrics are served no more");
        return true;
      }
      if (place?.address === address && place.port === port) return false;
      await move({ address, port });
      log.notice("Metrics are served", { address, port });
      return true;
    },
    close: stop,
  };
}

function listen(handler: RequestListener, { address: host, port }: Place): Promise<Server> {
  const server = createServer(SERVER_OPTIONS, handler);
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot serve metrics on port ${port} of ${host}`;
      const hint = "The address must be one of this machine, and the port free.";
      reject(new ApiError("apiserver.metrics-listen", message, { cause, hint }));
    });
    server.listen({ host, port }, () => {
      resolve(server);
    });
  });
}
