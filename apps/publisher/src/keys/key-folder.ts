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
import { openKey, sealKey } from "./sealed-key.ts";

/** `root-1.key`: the role, and which of its keys it is. */
const KEY_NAME = /^(root|targets|snapshot|timestamp)-[1-9]\d?\.key$/;

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
  const names = (await listKeys(folder)).filter((name) => name.startsWith(`${role}-`));
  if (names.length === 0)
    throw new PublisherError(
      "publisher.absent",
      `Cannot sign ${role}: "${folder}" has no key of it`,
      {
        hint: `Keys are named as ${role}-1.key is.`,
      },
    );
  const keys: SigningKey[] = [];
  for (const name of names) {
    const path = join(folder, name);
    keys.push(signingKey(openKey(await readFile(path, "utf8"), passphrase, path)));
  }
  return keys;
}

async function listKeys(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => KEY_NAME.test(name)).toSorted();
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot read the keys in "${folder}"`, { cause });
  }
}
