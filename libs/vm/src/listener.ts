import { createServer, type Socket } from "node:net";

/** A unix socket that waits for exactly one connection. */
export interface Listener extends Disposable {
  readonly connection: Promise<Socket>;
}

export async function listenOnce(path: string): Promise<Listener> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    server.close();
    resolve(socket);
  });
  await new Promise<void>((ready, fail) => {
    server.once("error", fail).listen(path, ready);
  });
  return {
    connection: promise,
    [Symbol.dispose]() {
      if (server.listening) server.close();
    },
  };
}
