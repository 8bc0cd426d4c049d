/** What a person may have meant: up to three of the texts, those that differ least first. */
export function nearTexts(wanted: string, texts: readonly string[]): string[] {
  const max = allowedEdits(wanted);
  return texts
    .map((text) => ({ text, edits: editDistance(wanted, text, max) }))
    .filter(({ edits }) => edits <= max)
    .toSorted((one, two) => one.edits - two.edits || (one.text < two.text ? -1 : 1))
    .slice(0, 3)
    .map(({ text }) => text);
}

/** In a short text a slip is one letter, in a longer one a few; one or two letters could be a slip of anything. */
export function allowedEdits(text: string): number {
  if (text.length < 3) return 0;
  return Math.min(3, Math.max(1, Math.floor(text.length / 4)));
}

/**
 * Letters to add, take away, replace or swap with their neighbour until one text is the other (the optimal string
 * alignment distance); more than `max` is only told to be more.
 */
export function editDistance(one: string, two: string, max: number): number {
  if (Math.abs(one.length - two.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: two.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= two.length; column += 1) {
      const isSame = one[row - 1] === two[column - 1];
      const isSwapped =
        row > 1 &&
        column > 1 &&
        one[row - 1] === two[column - 2] &&
        one[row - 2] === two[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    if (Math.min(...current) > max) return max + 1;
    [beforeLast, last] = [last, current];
  }
  return last[two.length] ?? 0;
}
