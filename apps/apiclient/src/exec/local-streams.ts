import process from "node:process";
import type { OutputName, TerminalSize } from "@ballast/model/exec";
import { EXIT } from "@ballast/errors";

const SIGQUIT = 3;
const USUAL_SIZE: TerminalSize = { rows: 24, cols: 80 };

/** The three streams of this process, as bytes; the terminal is as it was before when they are disposed. */
export class LocalStreams implements Disposable {
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  #isRaw = false;
  #isDisposed = false;
  #onResize: (() => void) | undefined;

  constructor() {
    this.isInputTerminal = process.stdin.isTTY;
    this.isOutputTerminal = process.stdout.isTTY;
    for (const stream of [process.stdout, process.stderr]) stream.on("error", this.#endWithReader);
    process.on("exit", this.#restore);
    process.on("SIGQUIT", this.#onQuit);
  }

  /** Of the terminal. */
  size(): TerminalSize {
    const terminal = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
    if (terminal === undefined) return USUAL_SIZE;
    return { rows: terminal.rows, cols: terminal.columns };
  }

  onResize(call: () => void): void {
    this.#onResize = call;
    process.on("SIGWINCH", call);
  }

  /** Has the terminal hand over each key as it is pressed, Ctrl-C among them. */
  makeRaw(): void {
    process.stdin.setRawMode(true);
    this.#isRaw = true;
  }

  /** What is read from standard input, until its end or until these streams are disposed. */
  async *input(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of process.stdin) yield Buffer.from(chunk);
    } catch (error) {
      if (!this.#isDisposed) throw error;
    }
  }

  /** A promise if the reader is slow: it resolves when the reader has taken it. */
  write(name: OutputName, bytes: Uint8Array): Promise<void> | undefined {
    const stream = name === "stdout" ? process.stdout : process.stderr;
    if (stream.write(bytes)) return undefined;
    return new Promise((resolve) => stream.once("drain", resolve));
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#restore();
    process.off("exit", this.#restore);
    process.off("SIGQUIT", this.#onQuit);
    if (this.#onResize !== undefined) process.off("SIGWINCH", this.#onResize);
    process.stdin.destroy();
  }

  readonly #restore = (): void => {
    if (this.#isRaw) process.stdin.setRawMode(false);
    this.#isRaw = false;
  };

  /** By itself it would leave the terminal as it is. */
  readonly #onQuit = (): void => {
    process.exit(128 + SIGQUIT);
  };

  /** A reader that went away (`| head`) is not a failure of the program. */
  readonly #endWithReader = (error: NodeJS.ErrnoException): void => {
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed);
  };
}
