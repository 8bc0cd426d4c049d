import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@ballast/service";
import type { HostId } from "../host-container.ts";
import { makeFifos } from "../../fifo.ts";
import { JournalPump } from "./journal-pump.ts";

/** As syslog(3) numbers them. What a container says on its error output is no error of the machine, but tells itself apart. */
const INFO = 6;
const WARNING = 4;

export interface OutputPlaces {
  /** Folder of the FIFOs; always the same, so that a manager that starts anew finds those of what runs. */
  readonly stdio: string;
  /** journald's socket for streams. */
  readonly journal: string;
}

/** Where a task of this id writes. */
export function outputPaths({ stdio }: OutputPlaces, id: HostId) {
  return { stdout: join(stdio, `${id}.out`), stderr: join(stdio, `${id}.err`) };
}

/** The outputs that are being read, by id. */
export class ContainerOutputs implements Disposable {
  readonly #places: OutputPlaces;
  readonly #log: Log;
  readonly #pumps = new Map<HostId, readonly JournalPump[]>();

  constructor(places: OutputPlaces, log: Log) {
    this.#places = places;
    this.#log = log;
  }

  has(id: HostId): boolean {
    return this.#pumps.has(id);
  }

  /** Makes the FIFOs if they are not there, and reads them from now on. */
  async open(id: HostId): Promise<void> {
    if (this.#pumps.has(id)) return;
    const { stdout, stderr } = outputPaths(this.#places, id);
    await makeFifos([stdout, stderr]);
    const { journal } = this.#places;
    const common = { journal, identifier: id, log: this.#log };
    this.#pumps.set(id, [
      new JournalPump({ ...common, fifo: stdout, priority: INFO }),
      new JournalPump({ ...common, fifo: stderr, priority: WARNING }),
    ]);
  }

  /** Of a container that has ended: carries what is left, then takes the FIFOs away. */
  async remove(id: HostId): Promise<void> {
    const pumps = this.#pumps.get(id) ?? [];
    await Promise.all(pumps.map((pump) => pump.drain()));
    this.#pumps.delete(id);
    for (const pump of pumps) pump.close();
    for (const path of Object.values(outputPaths(this.#places, id)))
      await rm(path, { force: true });
  }

  /** Containers go on; what they write from now on waits for the next manager. */
  [Symbol.dispose](): void {
    for (const pump of [...this.#pumps.values()].flat()) pump.close();
    this.#pumps.clear();
  }
}
