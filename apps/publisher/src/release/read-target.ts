import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MANIFEST_TARGET, parseManifest, type Manifest } from "@ballast/updates";
import { PublisherError } from "../publisher-error.ts";
import { targetPath, type Repository } from "../repository/repository.ts";

/** A small target of the maintainer's own copy; what is not as it was signed is an error. */
export async function readTarget({ folder, targets }: Repository, name: string): Promise<string> {
  const file = targets.targets.get(name);
  if (file === undefined)
    throw new PublisherError(
      "publisher.absent",
      `Cannot read "${name}": the repository has no such target`,
    );
  const path = targetPath(folder, name, file);
  const bytes = await readFile(path);
  if (createHash("sha256").update(bytes).digest("hex") !== file.sha256)
    throw new PublisherError(
      "publisher.bad-repository",
      `Cannot read "${path}": it is not what was signed`,
    );
  return bytes.toString("utf8");
}

export async function readManifest(repository: Repository): Promise<Manifest> {
  return parseManifest(await readTarget(repository, MANIFEST_TARGET));
}
