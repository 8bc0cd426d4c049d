import type { Server, ServerOptions } from "node:http";

/** Bounds that hold for the local and the remote listener: a slow or greedy client must not hold up others. */
export const SERVER_OPTIONS = {
  headersTimeout: 10_000,
  /** Of a whole request: `boundBody` has that. */
  requestTimeout: 0,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
} as const satisfies ServerOptions;

const STOP_AFTER_MS = 5000;

/** Stops taking connections, lets running requests end, and cuts what is left after 5 s. */
export async function stopServer(
  server: Pick<Server, "close" | "closeAllConnections" | "closeIdleConnections">,
): Promise<void> {
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, STOP_AFTER_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}
