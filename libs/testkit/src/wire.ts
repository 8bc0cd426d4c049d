import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { Feed } from "@ballast/vm";
import { formatFrame, parseFrame, type Frame } from "./frames.ts";

/** A cable into which a card of a guest can be plugged, with the test at its other end: it sees and sends whole frames. */
export class Wire implements AsyncDisposable {
  /** What the guest has sent. */
  readonly frames = new Feed<Frame>();
  readonly #socket: Socket;
  readonly #listeners: ((frame: Frame) => void)[] = [];
  #guest: RemoteInfo | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes, guest) => {
      this.#guest = guest;
      const frame = parseFrame(bytes);
      this.frames.push(frame);
      for (const take of this.#listeners) take(frame);
    });
  }

  static async open(): Promise<Wire> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new Wire(socket);
  }

  /** For {@link GuestOptions.cards}: one datagram of UDP carries one frame. */
  get plug(): string {
    return `socket,udp=127.0.0.1:${this.#socket.address().port},localaddr=127.0.0.1:0`;
  }

  listen(take: (frame: Frame) => void): void {
    this.#listeners.push(take);
  }

  /** Nobody is there before the guest has sent anything; then the frame is lost, as on any cable. */
  send(frame: Frame): void {
    if (this.#guest !== undefined)
      this.#socket.send(formatFrame(frame), this.#guest.port, this.#guest.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}
