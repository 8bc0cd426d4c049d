import { connect, type Socket } from "node:net";
import { BenchError } from "./bench-error.ts";

/**
 * One kept-alive HTTP/1.1 connection over a unix socket. Written on the socket instead of with node:http, because the
 * client shares the processors with the server: the less it does, the more of the time is the server's.
 */
export class HttpClient implements Disposable {
  readonly #socket: Socket;
  #received = "";
  #waiting: PromiseWithResolvers<number> | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      this.#received += String(chunk);
      this.#takeAnswer();
    });
    const fail = (cause?: unknown): void => {
      this.#waiting?.reject(
        new BenchError("bench.server", "A server closed its connection", { cause }),
      );
    };
    socket.on("error", fail);
    socket.on("close", () => {
      fail();
    });
  }

  static connect(path: string): Promise<HttpClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new HttpClient(socket));
      });
    });
  }

  /** One exchange at a time. Rejects unless the status says that it worked. */
  async exchange(method: string, path: string, body = ""): Promise<void> {
    this.#waiting = Promise.withResolvers<number>();
    const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\n`;
    const type = body === "" ? "" : "content-type: application/json\r\n";
    this.#socket.write(`${head}${type}content-length: ${body.length}\r\n\r\n${body}`, "latin1");
    const status = await this.#waiting.promise;
    if (status >= 300)
      throw new BenchError(
        "bench.server",
        `Cannot measure ${method} ${path}: it answers ${status}`,
      );
  }

  [Symbol.dispose](): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  /** Both servers state the length of each body; an answer that has none (204) has no body. */
  #takeAnswer(): void {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const head = this.#received.slice(0, end).toLowerCase();
    const length = Number(/\ncontent-length: (\d+)/.exec(head)?.[1] ?? "0");
    if (this.#received.length < end + 4 + length) return;
    this.#received = this.#received.slice(end + 4 + length);
    this.#waiting?.resolve(Number(head.slice(9, 12)));
  }
}
