import { findTail } from "./find-tail.ts";
import { openLogFiles, type LogFile } from "./log-files.ts";

/** A container starts again 1 s after it ended, and its log is looked at every 2 s: no file is missed. */
const LOOK_MS = 250;
/** What containerd still had in hand when it was told to begin a new file is in the old one by then. */
const SETTLE_MS = 500;
/** Files that nobody has read yet and that may be held, as they hold the disk when their names are gone. */
const MAX_WAITING = 3;

interface Link extends LogFile {
  readonly seenMs: number;
}

/** The files of one log in their order. New ones are seen at once, so that a slow reader finds what is removed meanwhile. */
export class LogChain implements AsyncDisposable {
  readonly #folder: string;
  #links: Link[] = [];
  /** Is kept open when it has been read: no other file can have its number then. */
  #newest: LogFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> | undefined;
  #fault: unknown;
  #offset = 0;
  /** Files that had to be given up before they were read. */
  lost = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins with the last lines of what there is. */
  async open(lines: number): Promise<void> {
    await this.#lookNow();
    let wanted = lines;
    let index = this.#links.length;
    while (index > 0) {
      const file = this.#links[index - 1];
      // With none left to find, only the beginning of a line that was cut in two can be there.
      if (file === undefined || (wanted === 0 && file.attempt !== this.#links[index]?.attempt))
        break;
      const tail = await findTail(
        async (offset, bytes) => readAt(file, Buffer.alloc(bytes), offset),
        file.sizeBytes,
        wanted,
      );
      this.#offset = tail.offset;
      wanted -= tail.lines;
      index -= 1;
      if (wanted === 0 && tail.offset > 0) break;
    }
    await this.#close(this.#links.splice(0, index));
  }

  /** Looks for new files from now on, whether they are asked for or not. */
  watch(): void {
    this.#timer = setInterval(() => {
      this.#look ??= this.#lookNow()
        .catch((error: unknown) => {
          this.#fault = error;
        })
        .finally(() => {
          this.#look = undefined;
        });
    }, LOOK_MS);
  }

  /** The file that is being read. */
  get current(): LogFile | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    return this.#links[0];
  }

  get following(): LogFile | undefined {
    return this.#links[1];
  }

  /** Whether nothing more comes into the current file. Ask before it is read to its end. */
  get isSettled(): boolean {
    const next = this.#links[1];
    return next !== undefined && performance.now() - next.seenMs >= SETTLE_MS;
  }

  /** What comes next of the current file, into the buffer; empty at its end, or at the limit. */
  async read(buffer: Buffer, limit = Infinity): Promise<Buffer> {
    const file = this.current;
    if (file === undefined) return buffer.subarray(0, 0);
    const room = buffer.subarray(0, Math.max(0, Math.min(buffer.length, limit - this.#offset)));
    const bytes = await readAt(file, room, this.#offset);
    this.#offset += bytes.length;
    return bytes;
  }

  /** Goes on to the next file. */
  async advance(): Promise<void> {
    this.#offset = 0;
    await this.#close(this.#links.splice(0, 1));
  }

  async #lookNow(): Promise<void> {
    const files = await openLogFiles(this.#folder, this.#newest);
    const newest = files.at(-1);
    if (newest === undefined) return;
    const former = this.#newest;
    this.#newest = newest;
    if (former !== undefined && !this.#links.some(({ handle }) => handle === former.handle))
      await former.handle.close();
    const seenMs = performance.now();
    this.#links.push(...files.map((file) => ({ ...file, seenMs })));
    // All but the one that is being read.
    const surplus = this.#timer === undefined ? 0 : this.#links.length - 1 - MAX_WAITING;
    if (surplus <= 0) return;
    this.lost += surplus;
    await this.#close(this.#links.splice(1, surplus));
  }

  async #close(files: readonly LogFile[]): Promise<void> {
    const others = files.filter(({ handle }) => handle !== this.#newest?.handle);
    await Promise.all(others.map(({ handle }) => handle.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#look;
    await this.#close(this.#links);
    await this.#newest?.handle.close();
  }
}

async function readAt({ handle }: LogFile, buffer: Buffer, offset: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}
