import { join } from "node:path";
import {
  signRoot,
  type PublicKey,
  type RoleKeys,
  type RoleName,
  type RootContent,
  type SigningKey,
} from "@ballast/tuf/repository";
import { PublisherError } from "../publisher-error.ts";
import { putFile } from "./put-file.ts";
import { LIFE_DAYS, metadataFolder, type Repository } from "./repository.ts";

/** The root after this one, in which one role has other keys, or all have those that they had. Pure. */
export function nextRoot(
  root: RootContent,
  change: { readonly role: RoleName; readonly keys: RoleKeys } | undefined,
  now: Temporal.Instant,
): RootContent {
  return {
    version: root.version + 1,
    expires: now.add({ hours: 24 * LIFE_DAYS.root }),
    roles: change === undefined ? root.roles : { ...root.roles, [change.role]: change.keys },
  };
}

/**
 * Signs a root by those whom the one before names and by those whom it names itself, both as many as their thresholds ask for (TUF
 * 6.1): without either no machine would follow. Throws PublisherError.
 */
export function signNextRoot(
  before: RootContent,
  root: RootContent,
  signers: readonly SigningKey[],
): string {
  const byId = new Map(signers.map((signer) => [signer.id, signer]));
  const count = (keys: readonly PublicKey[]) => keys.filter(({ id }) => byId.has(id)).length;
  for (const { version, roles } of [before, root]) {
    const had = count(roles.root.keys);
    if (had < roles.root.threshold)
      throw new PublisherError(
        "publisher.bad-key",
        `Cannot sign root version ${root.version}: there are ${had} of the keys of root that version ${version} names, it wants ${roles.root.threshold}`,
        { hint: "Name the files of root's keys, each with --root-key." },
      );
  }
  const known = new Set([...before.roles.root.keys, ...root.roles.root.keys].map(({ id }) => id));
  return signRoot(
    root,
    [...byId.values()].filter(({ id }) => known.has(id)),
  ).text;
}

/** Adds it to the chain, of which nothing is ever taken away or changed. */
export async function putRoot(
  { folder }: Repository,
  { version }: RootContent,
  text: string,
): Promise<string> {
  const path = join(metadataFolder(folder), `${version}.root.json`);
  await putFile(path, text, 0o644);
  return path;
}
