/**
 * One line of sysctl.d(5). The value is everything after `=` up to the end of the line, blanks at its ends are
 * dropped by the reader: a value that would not come back as it was is refused, because nothing can quote it. A key that
 * begins with `-` would make its own failure pass in silence.
 */
export function sysctlAssignment(key: string, value: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(key))
    throw new Error(`Cannot write sysctl key "${key}"`);
  if (/\p{Cc}/u.test(value) || value.trim() !== value || value === "")
    throw new Error(`Cannot write the value of sysctl "${key}" on one line`);
  return `${key} = ${value}\n`;
}
