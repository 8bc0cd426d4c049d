/**
 * Messages on a gRPC stream: one byte that is 1 if the message is compressed, four bytes of length, the message (gRPC over
 * HTTP/2, "Length-Prefixed-Message").
 */
const PREFIX_BYTES = 5;

/** The limit that containerd's own clients have. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export class FrameError extends Error {}

export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Takes a stream of bytes apart into messages, wherever the chunks were cut. Throws a {@link FrameError}. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #neededBytes = PREFIX_BYTES;

  constructor(maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  *read(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    while (this.#heldBytes >= this.#neededBytes) {
      const held = this.#join();
      const sizeBytes = this.#messageBytes(held);
      const endBytes = PREFIX_BYTES + sizeBytes;
      this.#neededBytes = endBytes;
      if (held.length < endBytes) continue;
      const rest = held.subarray(endBytes);
      this.#chunks = [rest];
      this.#heldBytes = rest.length;
      this.#neededBytes = PREFIX_BYTES;
      yield held.subarray(PREFIX_BYTES, endBytes);
    }
  }

  /** Call at the end of the stream: half a message is an error. */
  end(): void {
    if (this.#heldBytes > 0) throw new FrameError("its answer ends within a message");
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    const held =
      this.#chunks.length === 1 && first !== undefined
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(this.#chunks);
    this.#chunks = [held];
    return held;
  }

  #messageBytes(held: Buffer): number {
    if (held[0] !== 0) throw new FrameError("its answer is compressed, which nobody asked for");
    const sizeBytes = held.readUInt32BE(1);
    if (sizeBytes > this.#maxBytes)
      throw new FrameError(
        `its answer has a message of ${sizeBytes} bytes, at most ${this.#maxBytes} are taken`,
      );
    return sizeBytes;
  }
}
