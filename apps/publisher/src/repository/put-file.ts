import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PublisherError } from "../publisher-error.ts";

/** Puts a new file in place as a whole and durably. One that is there already is an error. */
export async function putFile(path: string, text: string, mode: number): Promise<void> {
  await put(path, text, mode, async (draft) => {
    // Unlike a rename it fails on a file that somebody put there since.
    await link(draft, path);
  });
}

/** The same over a file that is there. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await put(path, text, mode, (draft) => rename(draft, path));
}

/** Gives a finished file its name, durably. */
export async function placeFile(draft: string, path: string): Promise<void> {
  await rename(draft, path);
  await syncFolder(dirname(path));
}

async function put(
  path: string,
  text: string,
  mode: number,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    {
      await using file = await open(draft, "wx", mode);
      await file.writeFile(text);
      await file.sync();
    }
    await place(draft);
    await syncFolder(dirname(path));
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw exists
      ? new PublisherError("publisher.exists", `Cannot write "${path}": it is there already`, {
          cause,
        })
      : new PublisherError("publisher.write", `Cannot write "${path}"`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

/** What happened to the names in it lasts. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
