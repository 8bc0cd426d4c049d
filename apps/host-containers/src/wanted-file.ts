import { readFile } from "node:fs/promises";
import { errorFields, type Log } from "@ballast/service";

/** What is wanted, as a file says now; while it cannot be read, as it said before, if it ever did. */
export class WantedFile<Wanted> {
  readonly #path: string;
  readonly #parse: (text: string, path: string) => Wanted;
  readonly #log: Log;
  #last: Wanted | undefined;
  #reason: string | undefined;

  constructor(path: string, parse: (text: string, path: string) => Wanted, log: Log) {
    this.#path = path;
    this.#parse = parse;
    this.#log = log;
  }

  /** What was read last; nothing while that was never possible. */
  get last(): Wanted | undefined {
    return this.#last;
  }

  async read(): Promise<Wanted | undefined> {
    try {
      this.#last = this.#parse(await readFile(this.#path, "utf8"), this.#path);
      this.#reason = undefined;
    } catch (error) {
      const reason = String(error);
      // Once for each reason: it is read at every pass.
      if (reason !== this.#reason)
        this.#log.error("Containers stay as they are", errorFields(error));
      this.#reason = reason;
    }
    return this.#last;
  }
}
