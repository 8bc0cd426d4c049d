import { setTimeout as sleep } from "node:timers/promises";
import { LogChain } from "./log-chain.ts";
import { LineCutter, LineJoiner, type LogEntry } from "./log-line.ts";

const CHUNK_BYTES = 64 * 1024;
const WAIT_MS = 200;

export interface LogSpan {
  /** At most so many of the lines that there are already. */
  readonly lines: number;
  /** Not before this time, by the machine's clock. */
  readonly sinceMs?: number | undefined;
}

/** What is asked when a followed log has nothing new: whether there will be more. */
export type StillThere = () => Promise<boolean>;

/**
 * The log of a workload as lines of JSON ({@link LogEntry}, or `{"lost":N}` where N files went before they could be read), a
 * piece of the file at a time: what is not taken is not read. With `stillThere` it goes on, through new files and restarts,
 * until that says no or the signal comes.
 */
export async function* readLog(
  folder: string,
  { lines, sinceMs }: LogSpan,
  signal: AbortSignal,
  stillThere?: StillThere,
): AsyncGenerator<string> {
  const cutter = new LineCutter();
  const joiner = new LineJoiner();
  const isWanted = since(sinceMs);
  const print = (entries: readonly LogEntry[]): string =>
    entries
      .filter(isWanted)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join("");
  await using chain = new LogChain(folder);
  await chain.open(lines);
  if (stillThere !== undefined) chain.watch();
  while (!signal.aborted) {
    const file = chain.current;
    const isOver = stillThere === undefined ? chain.following !== undefined : chain.isSettled;
    // What is written while it is read would keep it from ever ending.
    const limit = stillThere === undefined ? file?.sizeBytes : undefined;
    const chunk = await chain.read(Buffer.alloc(CHUNK_BYTES), limit);
    if (chunk.length > 0) {
      const text = print([...cutter.take(chunk)].flatMap((raw) => joiner.take(raw) ?? []));
      if (text !== "") yield text;
      continue;
    }
    if (file !== undefined && isOver) {
      const isNewStart = chain.following?.attempt !== file.attempt;
      const rest = [...cutter.end()].flatMap((raw) => joiner.take(raw) ?? []);
      const text = print([...rest, ...(isNewStart ? joiner.flush() : [])]);
      if (text !== "") yield text;
      await chain.advance();
      if (chain.lost > 0) yield `${JSON.stringify({ lost: chain.lost })}\n`;
      chain.lost = 0;
      continue;
    }
    if (stillThere === undefined || !(await stillThere())) break;
    await sleep(WAIT_MS, undefined, { signal }).catch(() => undefined);
  }
  const text = print([
    ...[...cutter.end()].flatMap((raw) => joiner.take(raw) ?? []),
    ...joiner.flush(),
  ]);
  if (text !== "") yield text;
}

/** Times only grow: after the first line of the time all are wanted. */
function since(sinceMs: number | undefined): (entry: LogEntry) => boolean {
  let isReached = sinceMs === undefined;
  return ({ time }) => {
    isReached ||= time !== null && Date.parse(time) >= (sinceMs ?? 0);
    return isReached;
  };
}
