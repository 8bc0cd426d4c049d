import type { RoleName, RootContent, SigningKey } from "@ballast/tuf/repository";
import { listKeysOf, openKeys } from "../keys/key-folder.ts";
import { PublisherError } from "../publisher-error.ts";
import type { OnlineKeys } from "../repository/repository.ts";

type OnlineRole = Exclude<RoleName, "root">;

/** The keys that a release needs, those that the root names; those of root may be away. Throws PublisherError. */
export async function openOnlineKeys(
  folder: string,
  passphrase: string,
  root: RootContent,
): Promise<OnlineKeys> {
  const open = (role: OnlineRole) => openRole(folder, role, passphrase, root);
  return {
    targets: await open("targets"),
    snapshot: await open("snapshot"),
    timestamp: await open("timestamp"),
  };
}

/**
 * Keys with which metadata hold before and after a root that names fresh ones for a role: the old ones sign too, if there are any
 * left.
 */
export async function openBothKeys(
  folder: string,
  passphrase: string,
  root: RootContent,
  { role: changed, fresh }: { readonly role: OnlineRole; readonly fresh: readonly SigningKey[] },
): Promise<OnlineKeys> {
  const open = async (role: OnlineRole) => {
    if (role !== changed) return openRole(folder, role, passphrase, root);
    const hasOld = (await listKeysOf(folder, role)).length > 0;
    const old = hasOld ? named(await openKeys(folder, role, passphrase), root, role) : [];
    return [...old, ...fresh];
  };
  return {
    targets: await open("targets"),
    snapshot: await open("snapshot"),
    timestamp: await open("timestamp"),
  };
}

async function openRole(
  folder: string,
  role: OnlineRole,
  passphrase: string,
  root: RootContent,
): Promise<SigningKey[]> {
  const known = named(await openKeys(folder, role, passphrase), root, role);
  const { threshold } = root.roles[role];
  if (known.length < threshold)
    throw new PublisherError(
      "publisher.bad-key",
      `Cannot sign ${role}: "${folder}" has ${known.length} of its keys, root version ${root.version} wants ${threshold}`,
      { hint: "They are the keys of another repository, or of before the last rotation." },
    );
  return known;
}

/** Those of before a rotation may still lie there: they have no say. */
function named(
  keys: readonly SigningKey[],
  { roles }: RootContent,
  role: OnlineRole,
): SigningKey[] {
  return keys.filter(({ id }) => roles[role].keys.some((one) => one.id === id));
}
