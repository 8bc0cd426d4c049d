import { EXEC_LIMITS } from "@ballast/model/exec";
import type { WebSocket } from "ws";

/**
 * Pings, and cuts the connection when nothing was heard for too long. While nothing is read from it (`isHeld`) nothing can be
 * heard; a ping that cannot be written tells then that the client is gone.
 */
export function keepHeartbeat(socket: WebSocket, isHeld: () => boolean): void {
  let heardMs = performance.now();
  const hear = (): void => {
    heardMs = performance.now();
  };
  for (const event of ["message", "ping", "pong"] as const) socket.on(event, hear);
  const timer = setInterval(() => {
    if (isHeld()) hear();
    if (performance.now() - heardMs > EXEC_LIMITS.silenceMs) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, EXEC_LIMITS.heartbeatMs);
  socket.once("close", () => {
    clearInterval(timer);
  });
}
