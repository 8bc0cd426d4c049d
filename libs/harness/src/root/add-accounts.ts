import type { ImageDefinition } from "../image-definition.ts";
import type { RootTree } from "./entry.ts";

/** Writes passwd and group (passwd(5), group(5)); `!` in the password field lets nobody in. */
export function addAccounts(
  tree: RootTree,
  users: ImageDefinition["users"],
  groups: ImageDefinition["groups"],
): void {
  const passwd = users.map(
    ({ name, id, group, home }) => `${name}:!:${id}:${group}:${name}:${home}:/nonexistent\n`,
  );
  const group = groups.map(({ name, id }) => `${name}:!:${id}:\n`);
  tree.addFile("etc/passwd", passwd.join(""), "image");
  tree.addFile("etc/group", group.join(""), "image");
}
