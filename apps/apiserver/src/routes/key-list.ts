const ONE_KEY = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)*/y;

/** Keys parted by commas; a comma within quotes belongs to its key. */
export function splitKeyList(list: string): string[] {
  const keys: string[] = [];
  for (let at = 0; ; at += 1) {
    ONE_KEY.lastIndex = at;
    const [key = ""] = ONE_KEY.exec(list) ?? [];
    keys.push(key.trim());
    at += key.length;
    if (at >= list.length) return keys;
  }
}
