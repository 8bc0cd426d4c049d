import { StringDecoder } from "node:string_decoder";

export type LogStream = "stdout" | "stderr";

/** A line of a log file as containerd writes it: `TIME stdout|stderr F|P TEXT`, P when the container's line goes on in the next. */
export interface RawLine {
  /** RFC 3339; null if the line is not of this form, as after a power cut. */
  readonly time: string | null;
  readonly stream: LogStream;
  readonly isPartial: boolean;
  readonly bytes: Buffer;
}

/** A line that a container printed. */
export interface LogEntry {
  readonly time: string | null;
  readonly stream: LogStream;
  /** What is not UTF-8 is replaced by U+FFFD. */
  readonly text: string;
  /** The line is so long that it comes in pieces, and this is not the last one. */
  readonly partial?: true;
}

/** No more of a line is held in memory, nor sent in one piece. */
export const PIECE_BYTES = 64 * 1024;

const HEAD =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::\S{0,32})? /;
/** The longest beginning of a line that says what it is. */
export const HEAD_BYTES = 96;

export function parseRawLine(line: Buffer): RawLine {
  const found = HEAD.exec(line.toString("latin1", 0, HEAD_BYTES));
  if (found === null) return { time: null, stream: "stdout", isPartial: false, bytes: line };
  const [head, time = null, stream, tag] = found;
  return {
    time,
    stream: stream === "stderr" ? "stderr" : "stdout",
    isPartial: tag === "P",
    bytes: line.subarray(head.length),
  };
}

const NOTHING = Buffer.alloc(0);

/** Cuts the bytes of a file into its lines, however they come. */
export class LineCutter {
  #rest: Buffer = NOTHING;
  /** What is known of a line that is too long to be held. */
  #begun: RawLine | undefined;

  *take(chunk: Buffer): Generator<RawLine> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      yield this.#lineOf(bytes.subarray(from, end), true);
      from = end + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length <= PIECE_BYTES) return;
    yield this.#lineOf(this.#rest, false);
    this.#rest = NOTHING;
  }

  /** What the file ends with, if its last line has no end. */
  *end(): Generator<RawLine> {
    if (this.#rest.length > 0) yield this.#lineOf(this.#rest, true);
    this.#rest = NOTHING;
    this.#begun = undefined;
  }

  #lineOf(bytes: Buffer, isWhole: boolean): RawLine {
    const line = this.#begun === undefined ? parseRawLine(bytes) : { ...this.#begun, bytes };
    this.#begun = isWhole ? undefined : line;
    return isWhole ? line : { ...line, isPartial: true };
  }
}

interface Begun {
  readonly time: string | null;
  readonly decoder: StringDecoder;
  text: string;
}

/** Puts the parts of lines together again, for each stream: the other one may write in between. */
export class LineJoiner {
  readonly #begun = new Map<LogStream, Begun>();

  take({ time, stream, isPartial, bytes }: RawLine): LogEntry | undefined {
    if (!isPartial && !this.#begun.has(stream))
      return { time, stream, text: bytes.toString("utf8") };
    const begun = this.#begun.get(stream) ?? { time, decoder: new StringDecoder(), text: "" };
    // A letter may be cut in two.
    begun.text += begun.decoder.write(bytes);
    if (!isPartial) return this.#end(stream, begun);
    this.#begun.set(stream, begun);
    if (begun.text.length < PIECE_BYTES) return undefined;
    const entry = { time: begun.time, stream, text: begun.text, partial: true } as const;
    begun.text = "";
    return entry;
  }

  /** Lines whose end will not come. */
  flush(): LogEntry[] {
    return [...this.#begun].map(([stream, begun]) => this.#end(stream, begun));
  }

  #end(stream: LogStream, { time, decoder, text }: Begun): LogEntry {
    this.#begun.delete(stream);
    return { time, stream, text: text + decoder.end() };
  }
}
