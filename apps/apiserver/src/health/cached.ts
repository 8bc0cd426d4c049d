/**
 * Answers what was found at most `maxAgeMs` ago for the same key. However many ask, one look runs at a time; what it finds
 * is for all who asked meanwhile, and its age counts from its end.
 */
export function cached<Value>(
  maxAgeMs: number,
  nowMs: () => number,
  look: () => Promise<Value>,
): (key: string) => Promise<Value> {
  let last: { key: string; value: Promise<Value>; endedAtMs: number | undefined } | undefined;
  return (key) => {
    const isFresh =
      last?.key === key && (last.endedAtMs === undefined || nowMs() - last.endedAtMs < maxAgeMs);
    if (last !== undefined && isFresh) return last.value;
    const value = look();
    const current = { key, value, endedAtMs: undefined as number | undefined };
    const end = (): void => {
      current.endedAtMs = nowMs();
    };
    value.then(end, end);
    last = current;
    return value;
  };
}
