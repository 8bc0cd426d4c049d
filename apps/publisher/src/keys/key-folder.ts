import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  generatePrivateKey,
  signingKey,
  type RoleName,
  type SigningKey,
} from "@ballast/tuf/repository";
import { putFile } from "../repository/put-file.ts";
import { PublisherError } from "../publisher-error.ts";
import { newSalt, openKey, sealKey } from "./sealed-key.ts";

/** `root-1.key`: the role, and which of its keys it is; `root-v2-1.key`: one that came with root version 2. */
const KEY_NAME = /^(root|targets|snapshot|timestamp)-(?:v[1-9]\d{0,9}-)?[1-9]\d?\.key$/;

/** Makes keys for a role; those that are there stay as they are. */
export async function makeKeys(
  folder: string,
  role: RoleName,
  count: number,
  seal: { readonly passphrase: string; readonly salt: Buffer },
): Promise<SigningKey[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const keys: SigningKey[] = [];
  for (let number = 1; number <= count; number++) {
    const path = join(folder, `${role}-${number}.key`);
    const pem = generatePrivateKey();
    await putFile(path, sealKey(pem, seal.passphrase, seal.salt), 0o600);
    keys.push(signingKey(pem));
  }
  return keys;
}

/** The keys of a role that lie in the folder: those of root may lie elsewhere, where no network is. */
export async function openKeys(
  folder: string,
  role: RoleName,
  passphrase: string,
): Promise<SigningKey[]> {
  const names = await listKeysOf(folder, role);
  if (names.length === 0)
    throw new PublisherError(
      "publisher.absent",
      `Cannot sign ${role}: "${folder}" has no key of it`,
      {
        hint: `Keys are named as ${role}-1.key is.`,
      },
    );
  return openKeyFiles(
    names.map((name) => join(folder, name)),
    passphrase,
  );
}

/** Keys wherever they lie: each on a stick of its own, for instance. */
export async function openKeyFiles(
  paths: readonly string[],
  passphrase: string,
): Promise<SigningKey[]> {
  const keys: SigningKey[] = [];
  for (const path of paths) keys.push(signingKey(openKey(await read(path), passphrase, path)));
  return keys;
}

/** A key that is about to be named by a root. */
export interface NewKey {
  readonly path: string;
  readonly key: SigningKey;
  /** Undefined: its file is there. */
  readonly pem: string | undefined;
}

/**
 * Keys that a new root is to name; nothing is written yet. A file that a run left that was interrupted before its root was out has
 * the key.
 */
export async function prepareKeys(
  folder: string,
  { role, rootVersion, count }: { role: RoleName; rootVersion: number; count: number },
  passphrase: string,
): Promise<NewKey[]> {
  const there = new Set(await listKeys(folder));
  const keys: NewKey[] = [];
  for (let number = 1; number <= count; number++) {
    const name = `${role}-v${rootVersion}-${number}.key`;
    const path = join(folder, name);
    if (there.has(name)) {
      const pem = openKey(await read(path), passphrase, path);
      keys.push({ path, key: signingKey(pem), pem: undefined });
    } else {
      const pem = generatePrivateKey();
      keys.push({ path, key: signingKey(pem), pem });
    }
  }
  return keys;
}

/** Writes those that are not there. */
export async function placeKeys(keys: readonly NewKey[], passphrase: string): Promise<void> {
  const salt = newSalt();
  for (const { path, pem } of keys)
    if (pem !== undefined) await putFile(path, sealKey(pem, passphrase, salt), 0o600);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot read the key "${path}"`, { cause });
  }
}

/** The names of the files of a role's keys. */
export async function listKeysOf(folder: string, role: RoleName): Promise<string[]> {
  return (await listKeys(folder)).filter((name) => name.startsWith(`${role}-`));
}

async function listKeys(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => KEY_NAME.test(name)).toSorted();
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot read the keys in "${folder}"`, { cause });
  }
}
