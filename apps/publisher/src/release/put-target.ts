import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TargetContent } from "@ballast/tuf/repository";
import { PublisherError } from "../publisher-error.ts";
import { placeFile, replaceFile } from "../repository/put-file.ts";
import { targetPath, targetsFolder, type Repository } from "../repository/repository.ts";

/** Puts a small file among the targets. */
export async function putText(
  { folder }: Repository,
  name: string,
  text: string,
): Promise<TargetContent> {
  const file = {
    sizeBytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  };
  await replaceFile(targetPath(folder, name, file), text, 0o644);
  return file;
}

/** Puts a copy of any file there. */
export async function putCopy(
  { folder }: Repository,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<TargetContent> {
  const draft = draftPath(folder);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    {
      await using copy = await open(draft, "wx", 0o644);
      for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
        if (!Buffer.isBuffer(bytes))
          throw new TypeError("A file without an encoding is not of buffers");
        hash.update(bytes);
        sizeBytes += bytes.length;
        await copy.writeFile(bytes);
      }
      await copy.sync();
    }
    const file = { sizeBytes, sha256: hash.digest("hex") };
    await placeFile(draft, targetPath(folder, name, file));
    return file;
  } catch (cause) {
    signal.throwIfAborted();
    throw new PublisherError("publisher.write", `Cannot put "${path}" among the targets`, {
      cause,
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Where a target is made before it has its name: no file server shows what begins with a dot. */
export function draftPath(folder: string): string {
  return join(targetsFolder(folder), `.${randomBytes(6).toString("hex")}.tmp`);
}
