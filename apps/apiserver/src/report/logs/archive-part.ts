/** One file of the archive. What it gives may take its time and may fail: neither keeps the other parts from it. */
export type ArchivePart = TextPart | JsonPart;

export interface TextPart {
  /** With its ending, for example `units.txt`. */
  readonly name: string;
  /** Several at a time. */
  readonly lines: (signal: AbortSignal) => AsyncIterable<readonly string[]>;
}

export interface JsonPart {
  readonly name: string;
  readonly json: (signal: AbortSignal) => Promise<unknown>;
}

/** A part whose text is known at once. */
export function textPart(name: string, text: (signal: AbortSignal) => Promise<string>): TextPart {
  return {
    name,
    lines: async function* (signal) {
      yield (await text(signal)).replace(/\n$/, "").split("\n");
    },
  };
}
