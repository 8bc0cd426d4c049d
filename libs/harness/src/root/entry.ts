/** One path of the root tree, in memory: owners and modes survive without being root. */
export interface Entry {
  /** Without a leading slash. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Files with one and the same object are one file with several names; mode and owners are the same then. */
  readonly data?: Uint8Array;
  readonly target?: string;
  /** Where it comes from, for the bill of materials and for messages: `package:libc6`, `rootfs`, `app:signpost`. */
  readonly origin: string;
}

export class RootTree {
  readonly #entries = new Map<string, Entry>();

  /** Adds a path; a second origin for the same file is a mistake and not an overlay. */
  add(entry: Entry): void {
    const existing = this.#entries.get(entry.path);
    if (existing !== undefined && (existing.kind !== "directory" || entry.kind !== "directory"))
      throw new Error(
        `Path "${entry.path}" comes from both ${existing.origin} and ${entry.origin}`,
      );
    if (existing === undefined) this.#entries.set(entry.path, entry);
  }

  addFile(path: string, content: string | Uint8Array, origin: string, mode = 0o644): void {
    const data = typeof content === "string" ? Buffer.from(content) : content;
    this.add({ path, kind: "file", mode, uid: 0, gid: 0, data, origin });
  }

  addLink(path: string, target: string, origin: string): void {
    this.add({ path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, target, origin });
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  /** All paths in order, with the folders that nobody named: 0755, owned by root. */
  sorted(): Entry[] {
    for (const { path, origin } of [...this.#entries.values()]) {
      const parts = path.split("/");
      for (let depth = 1; depth < parts.length; depth++) {
        const parent = parts.slice(0, depth).join("/");
        if (!this.#entries.has(parent))
          this.#entries.set(parent, {
            path: parent,
            kind: "directory",
            mode: 0o755,
            uid: 0,
            gid: 0,
            origin,
          });
      }
    }
    return [...this.#entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
}
