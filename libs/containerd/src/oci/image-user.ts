import type { AccountFiles } from "./account-files.ts";
import { readImageFile, type LayerMount } from "./read-image-file.ts";
import { filesOfUser, resolveUser } from "./resolve-user.ts";
import type { ProcessUser } from "./spec.ts";

/** The numbers of an image's user, from its own accounts; files are read only where the user is not numbers already. */
export async function readImageUser(
  user: string,
  mounts: readonly LayerMount[],
): Promise<ProcessUser> {
  const wanted = filesOfUser(user);
  const read = async (name: keyof AccountFiles): Promise<string | undefined> =>
    wanted.includes(name) ? readImageFile(mounts, `/etc/${name}`) : undefined;
  return resolveUser(user, { passwd: await read("passwd"), group: await read("group") });
}
