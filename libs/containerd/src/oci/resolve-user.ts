import { accountsOf, groupsOf, parseId, type Account, type AccountFiles } from "./account-files.ts";
import { OciError } from "./oci-error.ts";
import type { ProcessUser } from "./spec.ts";

const MAX_GROUPS = 1024;

/**
 * The numbers that a `User` of an image's configuration means (OCI image spec 1.1, config.md): empty, `uid`, `name`, each
 * also with `:gid` or `:group`. Digits are a number, not a name. A number that has no account is taken with group 0.
 * Without a group the account's other groups come too. Throws `containerd.unknown-user`.
 */
export function resolveUser(user: string, files: AccountFiles): ProcessUser {
  const { name, group } = splitUser(user);
  const account = accountOf(name, files, user);
  if (group === undefined) return withGroups(account, files, user);
  const gid = parseId(group) ?? gidOf(group, files, user);
  return { uid: account.uid, gid, additionalGids: [gid] };
}

/** Which files it takes: numbers need none. */
export function filesOfUser(user: string): readonly (keyof AccountFiles)[] {
  const { name, group } = splitUser(user);
  const needsGroup = group === undefined || parseId(group) === undefined;
  const needsAccount = name !== "" && (group === undefined || parseId(name) === undefined);
  return [
    ...(needsAccount ? (["passwd"] as const) : []),
    ...(needsGroup ? (["group"] as const) : []),
  ];
}

function splitUser(user: string): { readonly name: string; readonly group: string | undefined } {
  const colon = user.indexOf(":");
  if (colon === -1) return { name: user, group: undefined };
  return { name: user.slice(0, colon), group: user.slice(colon + 1) };
}

function accountOf(name: string, { passwd = "" }: AccountFiles, user: string): Account {
  if (name === "") return { name: "root", uid: 0, gid: 0 };
  const uid = parseId(name);
  for (const account of accountsOf(passwd))
    if (uid === undefined ? account.name === name : account.uid === uid) return account;
  if (uid !== undefined) return { name: "", uid, gid: 0 };
  throw unknown(user, `"/etc/passwd" of the image has no account "${shown(name)}"`);
}

function gidOf(name: string, { group = "" }: AccountFiles, user: string): number {
  for (const entry of groupsOf(group)) if (entry.name === name) return entry.gid;
  throw unknown(user, `"/etc/group" of the image has no group "${shown(name)}"`);
}

function withGroups(account: Account, { group = "" }: AccountFiles, user: string): ProcessUser {
  const { name, uid, gid } = account;
  const gids = new Set([gid]);
  if (name !== "")
    for (const entry of groupsOf(group)) if (entry.members.includes(name)) gids.add(entry.gid);
  if (gids.size > MAX_GROUPS) throw unknown(user, `it is in more than ${MAX_GROUPS} groups`);
  return { uid, gid, additionalGids: [...gids] };
}

function unknown(user: string, reason: string): OciError {
  return new OciError(
    "containerd.unknown-user",
    `Cannot find user "${shown(user)}" of the image: ${reason}`,
    { hint: "Give the image a user by numbers: uid:gid." },
  );
}

/** Images say anything: without control characters, and not without end. */
function shown(text: string): string {
  return text.slice(0, 100).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
