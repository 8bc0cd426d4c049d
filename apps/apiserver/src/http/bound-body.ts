import type { IncomingMessage, ServerResponse } from "node:http";

const BODY_MS = 30_000;

/**
 * A body that has not come whole in half a minute costs the connection. Node's own limit (`requestTimeout`) would hold for
 * uploads too, which may take an hour. The function that is answered takes the bound off.
 */
export function boundBody(request: IncomingMessage, response: ServerResponse): () => void {
  const late = setTimeout(() => {
    if (request.complete) return;
    const { socket } = request;
    if (!response.headersSent)
      socket.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    socket.destroySoon();
  }, BODY_MS);
  late.unref();
  const free = (): void => {
    clearTimeout(late);
  };
  response.once("close", () => {
    // What was answered before it had come whole still comes.
    if (request.complete) free();
  });
  return free;
}
