import { mkdir, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";

export interface JournalLine {
  readonly identifier: string;
  readonly priority: number;
  readonly text: string;
}

/** Unit, whether lines begin with levels, and where to forward to: seven lines begin a stream. */
const HEADER_LINES = 7;

/** What journald does with the streams of its socket, without a journal. */
export class JournalStandIn implements AsyncDisposable {
  readonly lines: JournalLine[] = [];
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  #server = createServer();

  constructor(path: string) {
    this.#path = path;
  }

  async start(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await rm(this.#path, { force: true });
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      // journald only listens: it ends its side of each stream at once.
      socket.end();
      this.#read(socket);
    });
    await new Promise<void>((resolve) => this.#server.listen(this.#path, resolve));
  }

  /** Ends all streams and listens no more. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  textOf(identifier: string): string {
    const own = this.lines.filter((line) => line.identifier === identifier);
    return own.map(({ text }) => `${text}\n`).join("");
  }

  #read(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    let rest = "";
    let header: readonly string[] = [];
    socket.on("data", (chunk: Buffer) => {
      const [last = "", ...whole] = (rest + chunk.toString()).split("\n").toReversed();
      rest = last;
      for (const text of whole.toReversed()) {
        if (header.length < HEADER_LINES) header = [...header, text];
        else this.lines.push({ identifier: header[0] ?? "", priority: Number(header[2]), text });
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
