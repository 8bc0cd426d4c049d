/** `/etc/passwd` and `/etc/group` of an image, as far as it has them. */
export interface AccountFiles {
  readonly passwd?: string | undefined;
  readonly group?: string | undefined;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** What engines take as a number: from here on the kernel has numbers that mean "none". */
const MAX_ID = 2 ** 31 - 1;

/** passwd(5). Lines that are none are left out: a number that cannot be read must not become root's. */
export function* accountsOf(passwd: string): Generator<Account, void, undefined> {
  for (const [name, , uid, gid] of rowsOf(passwd)) {
    const ids = { uid: parseId(uid), gid: parseId(gid) };
    if (name !== undefined && name !== "" && ids.uid !== undefined && ids.gid !== undefined)
      yield { name, uid: ids.uid, gid: ids.gid };
  }
}

/** group(5). */
export function* groupsOf(group: string): Generator<Group, void, undefined> {
  for (const [name, , id, members = ""] of rowsOf(group)) {
    const gid = parseId(id);
    if (name !== undefined && name !== "" && gid !== undefined)
      yield { name, gid, members: members.split(",") };
  }
}

export function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= MAX_ID ? id : undefined;
}

function* rowsOf(text: string): Generator<string[], void, undefined> {
  for (let start = 0; start < text.length;) {
    const next = text.indexOf("\n", start);
    const end = next === -1 ? text.length : next;
    yield text.slice(start, end).trim().split(":");
    start = end + 1;
  }
}
