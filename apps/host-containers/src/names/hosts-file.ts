import { constants } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Places } from "../places.ts";
import { hostsText, type Named } from "./hosts-text.ts";

/** Readable by the users of containers, whatever they are. */
const MODE = 0o644;

/**
 * Keeps the file that containers have as `/etc/hosts`. It stays the same file, because a container sees the one that was there
 * when it was created.
 */
export class HostsFile {
  readonly #places: Places;
  #last: string | undefined;

  constructor(places: Places) {
    this.#places = places;
  }

  async write(containers: readonly Named[]): Promise<void> {
    const text = hostsText(await this.#machine(), containers);
    if (text === this.#last) return;
    await mkdir(dirname(this.#places.hosts), { recursive: true });
    const file = await open(this.#places.hosts, constants.O_RDWR | constants.O_CREAT, MODE);
    try {
      await file.chmod(MODE);
      const bytes = Buffer.from(text);
      // In one piece, and cut afterwards: a reader finds the names of before or of now, never an empty file.
      await file.write(bytes, 0, bytes.length, 0);
      await file.truncate(bytes.length);
    } finally {
      await file.close();
    }
    this.#last = text;
  }

  /** What the API server rendered; before it has, nothing is lost. */
  async #machine(): Promise<string> {
    try {
      return await readFile(this.#places.machineHosts, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw error;
    }
  }
}
