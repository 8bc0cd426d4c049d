import { matchesGlob } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { execa } from "execa";
import { createTarDecoder, type TarHeader } from "modern-tar";
import { BuildError } from "../core/build-error.ts";
import { packageFile } from "../packages/fetch.ts";
import type { LockedPackage } from "../packages/lock.ts";
import type { ImageDefinition } from "../image-definition.ts";
import type { Entry, RootTree } from "./entry.ts";

/** Adds the kept files of each package. A glob that matches nothing is an error: the allow-list says only what is so. */
export async function addPackages(
  tree: RootTree,
  contents: ImageDefinition["packages"],
  locked: readonly LockedPackage[],
): Promise<void> {
  for (const item of contents) {
    const entry = locked.find(({ name }) => name === item.name);
    if (entry === undefined)
      throw new BuildError(
        "build.bad-lock",
        `Cannot add package "${item.name}": the lock does not have it`,
        {
          hint: "Run npm run packages:update.",
        },
      );
    const unmatched = new Set(item.keep);
    for (const file of await readPackage(entry)) {
      const glob = item.keep.find((pattern) => matchesGlob(file.path, pattern));
      if (glob === undefined) continue;
      unmatched.delete(glob);
      tree.add(item.dropSetuid === true ? { ...file, mode: file.mode & ~0o6000 } : file);
    }
    const [first] = unmatched;
    if (first !== undefined)
      throw new BuildError(
        "build.bad-config",
        `Cannot add package "${item.name}": nothing in it matches "${first}"`,
      );
  }
}

/** Files and links of a package, read from its own archive; folders are made where needed. */
async function readPackage(item: LockedPackage): Promise<Entry[]> {
  const archive = execa("dpkg-deb", ["--fsys-tarfile", packageFile(item)], {
    buffer: false,
    encoding: "buffer",
    stdin: "ignore",
  });
  const entries: Entry[] = [];
  const files = new Map<string, Uint8Array>();
  for await (const { header, body } of Readable.toWeb(archive.stdout).pipeThrough(
    createTarDecoder(),
  )) {
    const data = await buffer(body);
    const path = cleanPath(header.name);
    const entry = toEntry(path, header, data, files, `package:${item.name}`);
    if (entry === undefined) continue;
    if (entry.data !== undefined) files.set(path, entry.data);
    entries.push(entry);
  }
  await archive;
  return entries;
}

function toEntry(
  path: string,
  header: TarHeader,
  data: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  origin: string,
): Entry | undefined {
  const base = {
    path,
    mode: header.mode ?? 0o644,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    origin,
  };
  if (header.type === "directory") return undefined;
  if (header.type === "symlink")
    return { ...base, kind: "symlink", mode: 0o777, target: header.linkname ?? "" };
  if (header.type === "file" || header.type === undefined) return { ...base, kind: "file", data };
  if (header.type !== "link")
    throw new BuildError(
      "build.bad-package",
      `Cannot read "${path}" of ${origin}: unknown kind "${header.type}"`,
    );
  const linked = files.get(cleanPath(header.linkname ?? ""));
  if (linked === undefined)
    throw new BuildError(
      "build.bad-package",
      `Cannot read "${path}" of ${origin}: its hard link leads nowhere`,
    );
  return { ...base, kind: "file", data: linked };
}

function cleanPath(name: string): string {
  return name.replace(/^\.?\/+/, "").replace(/\/$/, "");
}
