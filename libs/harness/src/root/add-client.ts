import { posix } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { elfNeeds } from "./elf.ts";
import type { Entry, RootTree } from "./entry.ts";

const EXECUTABLE = "usr/bin/ballast";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";
/** Mounted into host containers, see `apiclient-mounts.ts` of apps/host-containers. */
const CLIENT = "usr/lib/ballast/client";

/**
 * Adds the folder from which apiclient runs in containers: the executable, its loader and exactly the libraries that it
 * needs, each a hard link to the file of the root, and the launcher.
 */
export function addClient(tree: RootTree, launcher: Uint8Array): void {
  tree.addFile(`${CLIENT}/apiclient`, launcher, "launcher", 0o755);
  const executable = find(tree, EXECUTABLE);
  tree.add({ ...executable, path: `${CLIENT}/ballast` });
  const names = librariesOf(executable);
  // A set takes what is added to it while it is walked.
  for (const name of names) {
    const library = find(tree, `${LIBRARIES}/${name}`);
    tree.add({ ...library, path: `${CLIENT}/${name}` });
    for (const next of librariesOf(library)) names.add(next);
  }
}

function librariesOf({ data = new Uint8Array() }: Entry): Set<string> {
  return new Set(elfNeeds(data).libraries);
}

/** The file, also by a link that lies in its folder, as those of libraries do. */
function find(tree: RootTree, path: string): Entry {
  const entry = tree.get(path);
  if (entry?.kind === "symlink" && entry.target !== undefined)
    return find(tree, posix.join(posix.dirname(path), entry.target));
  if (entry === undefined)
    throw new BuildError(
      "build.bad-root",
      `Cannot make "${CLIENT}": "${path}" is not in the root, and apiclient needs it`,
    );
  return entry;
}
