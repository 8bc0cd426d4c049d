import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import { sha256File, sha256Text } from "./digest.ts";
import { cacheDirectory } from "./paths.ts";
import { sweepLeftovers } from "./sweep-leftovers.ts";

const Entry = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), sha256: z.string(), sizeBytes: z.number() })),
});

/** The key of a result: everything that it depends on, as JSON. */
export function storeKey(step: string, inputs: unknown): string {
  return `${step}-${sha256Text(JSON.stringify(inputs)).slice(0, 32)}`;
}

/**
 * Gives the files of an expensive step, from the store if they are there and whole, else by building them.
 * An entry becomes visible by one rename after its manifest was written, so an interrupted build leaves nothing
 * that a later one would trust; each file is hashed again when it is taken.
 */
export async function fromStore(
  key: string,
  outputs: readonly string[],
  build: (directory: string) => Promise<void>,
): Promise<"stored" | "built"> {
  const root = join(cacheDirectory(), "store");
  const entry = join(root, key);
  if (await take(entry, outputs)) return "stored";
  await mkdir(root, { recursive: true });
  await sweepLeftovers(root, ".building-");
  const work = await mkdtemp(join(root, ".building-"));
  try {
    await build(work);
    const files = await Promise.all(
      outputs.map(async (path) => {
        const name = basename(path);
        const file = join(work, name);
        return { name, sha256: await sha256File(file), sizeBytes: (await stat(file)).size };
      }),
    );
    await writeFile(join(work, "entry.json"), `${JSON.stringify({ files }, undefined, 2)}\n`);
    // Another build of the same key may have been quicker: the same inputs give the same files, so its entry stays.
    await publish(work, entry, outputs);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
  if (!(await take(entry, outputs)))
    throw new Error(`Store entry "${key}" changed while it was taken`);
  return "built";
}

async function publish(work: string, entry: string, outputs: readonly string[]): Promise<void> {
  try {
    await rename(work, entry);
  } catch (error) {
    if (!isTaken(error)) throw error;
    // Whole, and then ours is not needed; or what an interrupted removal left, and then it goes.
    if (!(await take(entry, outputs))) {
      await rm(entry, { recursive: true, force: true });
      await rename(work, entry);
    }
    await rm(work, { recursive: true, force: true });
  }
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOTEMPTY" || error.code === "EEXIST")
  );
}

/** Copies the files of an entry to their places; a damaged or partial entry is removed and counts as absent. */
async function take(entry: string, outputs: readonly string[]): Promise<boolean> {
  const text = await readFile(join(entry, "entry.json"), "utf8").catch(ignoreMissing);
  if (text === undefined) return false;
  const files = Entry.safeParse(parseJson(text)).data?.files ?? [];
  for (const output of outputs) {
    const file = files.find(({ name }) => name === basename(output));
    const source = join(entry, basename(output));
    const digest = await sha256File(source).catch(ignoreMissing);
    if (file === undefined || digest !== file.sha256) {
      process.stderr.write(`store: entry ${basename(entry)} is damaged, building it again\n`);
      await rm(entry, { recursive: true, force: true });
      return false;
    }
  }
  for (const output of outputs) {
    await mkdir(join(output, ".."), { recursive: true });
    await rm(output, { force: true });
    await copyFile(join(entry, basename(output)), output, constants.COPYFILE_FICLONE);
  }
  return true;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A truncated manifest is a damaged entry; the caller says so.
    return undefined;
  }
}
