import { randomBytes, randomUUID, X509Certificate } from "node:crypto";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { makeKeyPair } from "./certificate.ts";
import { hasKeys, KEY_NAMES, keyFiles, ownerFile } from "./key-folder.ts";
import { certificateList } from "./signature-list.ts";

/**
 * Makes PK, KEK and db with their public forms, unless the folder has a key or a certificate already: then nothing is
 * touched, also if some are elsewhere. The folder appears by one rename, so that no half of a set is left.
 */
export async function makeKeys(directory: string): Promise<"made" | "kept"> {
  if (hasKeys(directory)) return "kept";
  await mkdir(dirname(directory), { recursive: true });
  const work = await mkdtemp(join(dirname(directory), ".keys-"));
  try {
    await chmod(work, 0o700);
    const owner = randomUUID();
    const set = randomBytes(3).toString("hex");
    await writeFile(ownerFile(work), `${owner}\n`);
    for (const name of KEY_NAMES) {
      const pair = await makeKeyPair(name, set);
      const files = keyFiles(work, name);
      await writeFile(files.key, pair.key, { mode: 0o600 });
      await writeFile(files.certificate, pair.certificate);
      const der = new X509Certificate(pair.certificate).raw;
      await writeFile(join(work, `${name}.cer`), der);
      await writeFile(join(work, `${name}.esl`), certificateList(owner, der));
    }
    await rename(work, directory);
    return "made";
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
    // Somebody else was quicker; or there are files that are not ours to move.
    if (hasKeys(directory)) return "kept";
    throw new BuildError(
      "build.usage",
      `Cannot make keys in "${directory}": it holds other files and no keys`,
      { cause: error, hint: "Name an empty folder, or one that does not exist." },
    );
  }
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOTEMPTY" || error.code === "EEXIST")
  );
}
