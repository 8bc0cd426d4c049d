import { closeSync, constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { makeFifos } from "../fifo.ts";

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

export type FifoName = "stdin" | "stdout" | "stderr";

/**
 * The pipes between a command and the manager, as files that containerd's shim opens. Nothing of ours waits in `open` or `read`:
 * that would take threads of the pool for as long as a command is silent.
 */
export class Fifos {
  readonly folder: string;
  readonly #open = new Map<FifoName, number>();

  private constructor(folder: string, names: readonly FifoName[]) {
    this.folder = folder;
    for (const name of names) {
      // A reader that is there before its writer lets the writer open at once, and loses nothing of one that ends early. Our
      // end of the input reads too, so that it can be opened before the shim is there; it is never read from.
      const access = name === "stdin" ? O_RDWR : O_RDONLY;
      this.#open.set(name, openSync(this.path(name), access | O_NONBLOCK));
    }
  }

  /** Makes the folder and its FIFOs, for root alone. */
  static async make(folder: string, names: readonly FifoName[]): Promise<Fifos> {
    try {
      await makeFifos(names.map((name) => join(folder, name)));
      return new Fifos(folder, names);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  path(name: FifoName): string {
    return join(this.folder, name);
  }

  /** The end of ours as a stream, once the shim has opened its own: what is read before would end at once. */
  take(name: FifoName): Socket {
    const fd = this.#open.get(name);
    if (fd === undefined) throw new Error(`The pipe ${name} was taken already`);
    this.#open.delete(name);
    const isInput = name === "stdin";
    return new Socket({ fd, readable: !isInput, writable: isInput });
  }

  /** Closes what nobody has taken, and removes the files. */
  async remove(): Promise<void> {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
    await rm(this.folder, { recursive: true, force: true });
  }
}
