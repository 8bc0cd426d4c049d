import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from "node:http2";
import { createConnection } from "node:net";

/** Of a stream, and of all streams together: layers and archives are read through them. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * One connection to a gRPC server on a unix socket, made when it is first needed and again after it ended: a server that
 * restarts costs the calls that were under way, and no others.
 */
export class Channel implements Disposable {
  readonly socketPath: string;
  #session: ClientHttp2Session | undefined;
  readonly #calls = new WeakMap<ClientHttp2Session, number>();

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /**
   * A stream for one call, already open for writing. Whether the server can be reached at all shows at the stream. While
   * there are calls the program stays alive; an idle connection does not keep it.
   */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    if (this.#session === undefined || isOver(this.#session)) this.#session = this.#open();
    const session = this.#session;
    const stream = session.request(headers);
    this.#count(session, 1);
    stream.once("close", () => {
      this.#count(session, -1);
    });
    return stream;
  }

  /** Ends the connection; calls under way fail, and the next one connects anew. */
  [Symbol.dispose](): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #open(): ClientHttp2Session {
    const session = connect("http://localhost", {
      createConnection: () => createConnection(this.socketPath),
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
    });
    session.on("connect", () => {
      session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    });
    // The server goes: what it accepted it still answers, what comes next needs another connection.
    session.on("goaway", () => {
      this.#forget(session);
    });
    session.on("close", () => {
      this.#forget(session);
    });
    // Each stream of the session ends with this error too, and tells the caller to whom it matters.
    session.on("error", () => {
      this.#forget(session);
    });
    return session;
  }

  #count(session: ClientHttp2Session, change: 1 | -1): void {
    const calls = (this.#calls.get(session) ?? 0) + change;
    this.#calls.set(session, calls);
    if (session.destroyed) return;
    if (calls === 0) session.unref();
    else session.ref();
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }
}

function isOver(session: ClientHttp2Session): boolean {
  return session.closed || session.destroyed;
}
