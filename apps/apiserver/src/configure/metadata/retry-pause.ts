const FIRST_MS = 200;
const LONGEST_MS = 5000;

/**
 * How long to wait before the next attempt: doubled from 0.2 s up to 5 s, half of it by chance (0 to 1), because a thousand
 * machines may have been started together.
 */
export function retryPauseMs(attempt: number, chance: number): number {
  const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return (wholeMs / 2) * (1 + chance);
}
