import { parse } from "smol-toml";

/** Where a key stands; lines count from 1. */
export type KeyLines = ReadonlyMap<string, number>;

/**
 * The line of every key, table header and member of an inline table of a document. The text must be one that a parser
 * of TOML took: only what separates keys from values is looked at. `join` makes the one form of a key of its segments.
 */
export function keyLines(text: string, join: (segments: readonly string[]) => string): KeyLines {
  const scanner = new Scanner(text);
  const lines = new Map<string, number>();
  // The first place wins: a table of several entries is found at its first header.
  const note = (segments: readonly string[], line: number): void => {
    for (const depth of segments.keys()) {
      const key = join(segments.slice(0, depth + 1));
      if (!lines.has(key)) lines.set(key, line);
    }
  };
  let table: string[] = [];
  for (scanner.skipBlank(); !scanner.atEnd; scanner.skipBlank()) {
    const { line } = scanner;
    if (scanner.take("[")) {
      scanner.take("[");
      table = scanner.key();
      while (scanner.take("]"));
      note(table, line);
    } else {
      readPair(scanner, table, note);
    }
  }
  return lines;
}

type Note = (segments: readonly string[], line: number) => void;

function readPair(scanner: Scanner, table: readonly string[], note: Note): void {
  const { line } = scanner;
  const path = [...table, ...scanner.key()];
  note(path, line);
  scanner.take("=");
  readValue(scanner, path, note);
}

function readValue(scanner: Scanner, path: readonly string[], note: Note): void {
  scanner.skipBlank();
  if (scanner.take("[")) {
    while (scanner.more("]")) readValue(scanner, path, note);
  } else if (scanner.take("{")) {
    while (scanner.more("}")) readPair(scanner, path, note);
  } else {
    scanner.scalar();
  }
}

/** A reader of a text that is known to be well-formed: what does not fit ends it instead of looping. */
class Scanner {
  readonly #text: string;
  #at = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** White space, line ends, comments and the commas between entries. */
  skipBlank(): void {
    this.#match(/(?:[\s,]|#[^\n]*)*/y);
  }

  take(mark: string): boolean {
    this.#match(/[ \t]*/y);
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** Whether a list or an inline table goes on; takes its end if it does not. */
  more(end: string): boolean {
    this.skipBlank();
    return !this.atEnd && !this.take(end);
  }

  key(): string[] {
    const segments: string[] = [];
    do {
      this.#match(/[ \t]*/y);
      segments.push(unquote(this.#match(/"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'|[A-Za-z0-9_-]*/y)));
    } while (this.take("."));
    return segments;
  }

  scalar(): void {
    const before = this.#at;
    this.#match(
      /"""(?:[^\\]|\\[^])*?"{3,5}(?!")|'''[^]*?'{3,5}(?!')|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'|[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?/y,
    );
    if (this.#at === before) this.#at = this.#text.length;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    this.line += found.split("\n").length - 1;
    return found;
  }
}

/** The parser itself knows what its quotes mean. */
function unquote(text: string): string {
  const isBare = !text.startsWith('"') && !text.startsWith("'");
  return isBare ? text : (Object.keys(parse(`${text} = 0`))[0] ?? text);
}
