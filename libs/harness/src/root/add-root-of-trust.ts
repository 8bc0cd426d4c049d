import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { verifyRoot, type VerifiedRoot } from "@ballast/tuf/repository";
import { BuildError } from "../core/build-error.ts";
import { repositoryPath } from "../core/paths.ts";
import type { RootTree } from "./entry.ts";

/** Where the update agent looks for it. */
const PATH = "usr/share/ballast/updates/root.json";
const FOLDER = repositoryPath("images/updates");
const USUAL = "root.json";
const HINT =
  "It is metadata/1.root.json, or a later N.root.json, of the repository that machines shall follow.";

/**
 * The file that `BALLAST_UPDATES_ROOT` names, else `images/updates/root.json` if it is there. It must lie in that folder, because
 * turbo sees what is in it: with a file of elsewhere, an image with an earlier content could come out of the cache.
 */
export function rootOfTrustFile(env: NodeJS.ProcessEnv, folder = FOLDER): string | undefined {
  const given = env["BALLAST_UPDATES_ROOT"] ?? "";
  if (given === "") return undefined;
  // Tasks run in the folder of their workspace; a user means the clone.
  const file = resolve(repositoryPath(), given);
  if (dirname(file) === folder) return file;
  throw new BuildError(
    "build.usage",
    `Cannot use BALLAST_UPDATES_ROOT="${given}": it must be a file in images/updates`,
    { hint: "Copy it there. As images/updates/root.json it is taken without being named." },
  );
}

/** Adds the root of trust that updates are judged by. Without one the image takes no updates. */
export async function addRootOfTrust(
  tree: RootTree,
  named: string | undefined,
  folder = FOLDER,
): Promise<void> {
  const file = named ?? join(folder, USUAL);
  const text = await readRootFile(file, named === undefined);
  if (text === undefined) {
    process.stderr.write("root: no root of trust, so this image takes no updates\n");
    return;
  }
  const { version, expires } = verify(file, text);
  process.stderr.write(
    `root: updates are judged by root ${version}, until ${expires.toString()}\n`,
  );
  tree.addFile(PATH, text, "updates");
}

async function readRootFile(file: string, mayBeAbsent: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isAbsent && mayBeAbsent) return undefined;
    throw bad(file, cause);
  }
}

function verify(file: string, text: string): VerifiedRoot {
  try {
    return verifyRoot(text);
  } catch (cause) {
    throw bad(file, cause);
  }
}

function bad(file: string, cause: unknown): BuildError {
  const message = `Cannot put the root of trust "${file}" into the image`;
  return new BuildError("build.bad-root-of-trust", message, { cause, hint: HINT });
}
