/** chrony reads lines into a buffer of this size. */
const LINE_MAX_BYTES = 2047;

/**
 * Lines of a file that chrony.conf(5) names by `sourcedir`: words with one blank between. Nothing can quote a blank, and
 * `!`, `;`, `#` and `%` begin comments, so only plain words are written.
 */
export function chronySources(lines: readonly (readonly string[])[]): string {
  return lines.map((words) => chronyLine(words)).join("");
}

function chronyLine(words: readonly string[]): string {
  for (const word of words)
    if (!/^[A-Za-z0-9.:_-]+$/.test(word)) throw new Error("Cannot write what is no plain word");
  const text = words.join(" ");
  if (text.length === 0 || text.length > LINE_MAX_BYTES)
    throw new Error(`Cannot write a line of ${text.length} bytes`);
  return `${text}\n`;
}
