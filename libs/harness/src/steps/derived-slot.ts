import { constants } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
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
import { readBuildId } from "./publish.ts";
import { buildUki } from "./uki.ts";
import { buildVerity, readVerity } from "./verity.ts";

const UNITS = "usr/lib/systemd/system";

/** The three parts of a slot, and the hash by which its partitions are named. */
export interface SlotParts {
  readonly root: string;
  readonly hash: string;
  readonly uki: string;
  readonly rootHash: string;
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
}

/** Makes the parts of another slot out of a finished image in about two seconds: for tests of updates, never shipped. */
export async function deriveSlot(options: DerivedSlotOptions): Promise<SlotParts> {
  const workspace = repositoryPath("images/standalone");
  await mkdir(options.directory, { recursive: true });
  const context = await createContext(workspace, process.env, options.directory);
  const part = (name: string): string => join(context.dist, name);
  await copyFile(join(options.image, "root.img"), part("root.img"), constants.COPYFILE_FICLONE);
  await extendRoot(context, await readTree(options.added));
  await buildVerity(context);
  const buildId = await readBuildId(options.image);
  await buildUki(context, await loadImage(workspace), buildId, options.parameters);
  const unsigned = { source: part("uki.unsigned.efi"), target: part("uki.efi") };
  await signImage(context, keysDirectory(), unsigned);
  const { rootHash } = await readVerity(context.dist);
  return {
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
