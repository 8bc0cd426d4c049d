import type { RootTree } from "./entry.ts";

export interface User {
  readonly name: string;
  readonly id: number;
  readonly group: number;
  readonly home: string;
}

export interface Group {
  readonly name: string;
  readonly id: number;
}

/** Writes passwd and group (passwd(5), group(5)); `!` in the password field lets nobody in. */
export function addAccounts(tree: RootTree, users: readonly User[], groups: readonly Group[]): void {
  const passwd = users.map(({ name, id, group, home }) => `${name}:!:${id}:${group}:${name}:${home}:/nonexistent\n`);
  const group = groups.map(({ name, id }) => `${name}:!:${id}:\n`);
  tree.addFile("etc/passwd", passwd.join(""), "image");
  tree.addFile("etc/group", group.join(""), "image");
}
