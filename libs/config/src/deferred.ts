const KIND = Symbol.for("@ballast/config.deferred");

/**
 * A text that is fetched when user data is made: secrets stay out of the program that names them, and out of what it
 * prints on its way. Known by a symbol of the whole process, so that two copies of this package understand each other.
 */
export type Deferred = DeferredFile | DeferredVariable;

export interface DeferredFile {
  readonly [KIND]: "file";
  /** Relative to the folder of the program that `ballast-config` loads. */
  readonly path: string;
  readonly encoding: "text" | "base64";
}

export interface DeferredVariable {
  readonly [KIND]: "variable";
  readonly name: string;
}

export interface FromFileOptions {
  /** `text` is the file without one line end at its end, as a shell's `$(<file)`; `base64` is every byte, encoded. */
  readonly encoding?: "text" | "base64";
}

/** The content of a file. */
export function fromFile(path: string, { encoding = "text" }: FromFileOptions = {}): Deferred {
  return { [KIND]: "file", path, encoding };
}

/** The value of an environment variable. */
export function fromEnv(name: string): Deferred {
  return { [KIND]: "variable", name };
}

export function isDeferred(value: unknown): value is Deferred {
  return typeof value === "object" && value !== null && KIND in value;
}

export function isFile(deferred: Deferred): deferred is DeferredFile {
  return deferred[KIND] === "file";
}
