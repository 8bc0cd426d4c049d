/**
 * Assignments of os-release(5): `NAME=value`, the value bare or in single or double quotes with backslash escapes
 * of the shell. Lines that are none are passed over, as the page asks of readers.
 */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']*))\s*$/.exec(line);
    if (match?.[1] === undefined) continue;
    const [, name, double, single, bare] = match;
    values.set(name, double?.replaceAll(/\\(.)/g, "$1") ?? single ?? bare ?? "");
  }
  return values;
}
