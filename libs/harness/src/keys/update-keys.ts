import { existsSync } from "node:fs";
import { join } from "node:path";
import { KEY_NAMES, keyFiles, type KeyName } from "./key-folder.ts";
import { signUpdate } from "./sign-update.ts";

/** Who signs the change of which variable; PK vouches for itself. */
const SIGNER: Readonly<Record<KeyName, KeyName>> = { PK: "PK", KEK: "PK", db: "KEK" };

export interface KeyUpdate {
  readonly variable: KeyName;
  readonly signer: KeyName;
  /** The `.auth` file; undefined if the signer's key or the certificate is not here. */
  readonly update: string | undefined;
}

/** Writes the `.auth` files with which a machine takes these keys. A release keeps the keys of PK and KEK elsewhere. */
export async function updateKeys(directory: string): Promise<KeyUpdate[]> {
  const updates: KeyUpdate[] = [];
  for (const variable of KEY_NAMES) {
    const signer = SIGNER[variable];
    const { key } = keyFiles(directory, signer);
    const isPossible = existsSync(key) && existsSync(join(directory, `${variable}.esl`));
    const update = isPossible ? await signUpdate({ directory, variable, signer }) : undefined;
    updates.push({ variable, signer, update });
  }
  return updates;
}
