import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { authenticodeSha256File } from "./authenticode.ts";
import { readOwner } from "./key-folder.ts";
import { signUpdate } from "./sign-update.ts";
import { hashList, readHashList } from "./signature-list.ts";

export interface Revocation {
  /** Signed by KEK: adds to the dbx of a machine. */
  readonly update: string;
  /** All hashes that were ever revoked with these keys. */
  readonly hashes: readonly string[];
}

/** Adds images to the list of those that must not boot any more, and signs the list as an update of dbx. */
export async function revoke(directory: string, images: readonly string[]): Promise<Revocation> {
  const owner = await readOwner(directory);
  const list = join(directory, "dbx.esl");
  const added = await Promise.all(images.map(authenticodeSha256File));
  const hashes = [...new Set([...(await readRevoked(list)), ...added])];
  await writeFile(`${list}.new`, hashList(owner, hashes));
  await rename(`${list}.new`, list);
  const update = await signUpdate({
    directory,
    variable: "dbx",
    signer: "KEK",
    isAppended: true,
  });
  return { update, hashes };
}

async function readRevoked(list: string): Promise<string[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(list);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  try {
    return readHashList(bytes);
  } catch (cause) {
    throw new BuildError("build.bad-image", `Cannot read "${list}": it is damaged`, {
      cause,
      hint: "Bring the last good one back: a new one would not revoke what was revoked before.",
    });
  }
}
