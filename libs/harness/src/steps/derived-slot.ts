import { constants } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createContext, inside, type Context } from "../core/context.ts";
import { repositoryPath } from "../core/paths.ts";
import { loadImage } from "../image-definition.ts";
import { keysDirectory } from "../keys/key-folder.ts";
import { signImage } from "../keys/sign-image.ts";
import { addFiles } from "../root/add-files.ts";
import { enableUnits } from "../root/enable-units.ts";
import { RootTree } from "../root/entry.ts";
import { writeTar } from "../root/write-tar.ts";
import { OS_RELEASE, osRelease, releaseOf } from "../root/os-release.ts";
import { describeFiles, describeRelease, readBuildId } from "./publish.ts";
import { buildUki } from "./uki.ts";
import { buildVerity, readVerity } from "./verity.ts";

const UNITS = "usr/lib/systemd/system";

/** The three parts of a slot, and the hash by which its partitions are named. */
export interface SlotParts {
  readonly root: string;
  readonly hash: string;
  readonly uki: string;
  readonly rootHash: string;
  /** Folder of them, with a manifest: what a publisher takes for a release. */
  readonly folder: string;
}

export interface DerivedSlotOptions {
  /** Folder with the finished image: root.img and root.json. */
  readonly image: string;
  /** Folder that receives the parts. */
  readonly directory: string;
  /** Folders whose files are added to the root; units among them are enabled as their [Install] says. */
  readonly added: readonly string[];
  /** What is added to the kernel command line. */
  readonly parameters: readonly string[];
  /** Another version than that of the image. */
  readonly version?: string;
}

/** Makes the parts of another slot out of a finished image in about two seconds: for tests of updates, never shipped. */
export async function deriveSlot(options: DerivedSlotOptions): Promise<SlotParts> {
  const workspace = repositoryPath("images/standalone");
  await mkdir(options.directory, { recursive: true });
  const found = await createContext(workspace, process.env, options.directory);
  const context = { ...found, version: options.version ?? found.version };
  const part = (name: string): string => join(context.dist, name);
  await copyFile(join(options.image, "root.img"), part("root.img"), constants.COPYFILE_FICLONE);
  const image = await loadImage(workspace);
  const buildId = await readBuildId(options.image);
  const tree = await readTree(options.added);
  if (options.version !== undefined)
    tree.addFile(OS_RELEASE, osRelease(releaseOf(context, image.variant, buildId)), "image");
  await extendRoot(context, tree);
  await buildVerity(context);
  await buildUki(context, image, buildId, options.parameters);
  const unsigned = { source: part("uki.unsigned.efi"), target: part("uki.efi") };
  await signImage(context, keysDirectory(), unsigned);
  const files = await describeFiles(context.dist, ["uki.efi", "root.img", "hash.img"]);
  const manifest = await describeRelease(context, image, buildId, files);
  await writeFile(part("manifest.json"), JSON.stringify(manifest));
  const { rootHash } = await readVerity(context.dist);
  return {
    folder: context.dist,
    root: part("root.img"),
    hash: part("hash.img"),
    uki: part("uki.efi"),
    rootHash,
  };
}

async function readTree(folders: readonly string[]): Promise<RootTree> {
  const tree = new RootTree();
  for (const folder of folders) await addFiles(tree, folder, "", "added");
  const units = tree
    .sorted()
    .filter(({ path, kind }) => kind === "file" && path.startsWith(`${UNITS}/`))
    .map(({ path }) => path.slice(UNITS.length + 1))
    .filter((name) => !name.includes("/"));
  enableUnits(tree, units);
  return tree;
}

/** Appends to root.img in place: what it holds stays where it is, only the folders are written anew. */
async function extendRoot(context: Context, tree: RootTree): Promise<void> {
  const tar = join(context.dist, ".added.tar");
  try {
    await writeTar(tree.sorted(), tar, context.lock.sourceDateEpoch);
    const options = [
      "--incremental=data",
      "--tar=f",
      // As the root was made: without them the superblock would no longer say how to read what is there.
      ...["-zlz4hc,12", "-C65536"],
      `-T${context.lock.sourceDateEpoch}`,
    ];
    await context.run(["mkfs.erofs", "--quiet", ...options, "/out/root.img", inside(tar)], {
      writable: { "/out": context.dist },
    });
  } finally {
    await rm(tar, { force: true });
  }
}
