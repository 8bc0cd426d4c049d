import * as fs from "node:fs";
import { BallastError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Reads all of the verified root once, so that a slot is marked only if every block of it is what was signed. */
export async function readWholeRoot(
  { dev, sys }: Places,
  { log, signal }: Pick<ProgramContext, "log" | "signal">,
): Promise<void> {
  const path = `${dev}/dm-0`;
  let done = 0;
  try {
    // In units of 512 bytes, whatever the block size (sysfs-block).
    const size = Number(fs.readFileSync(`${sys}/block/dm-0/size`, "utf8").trim()) * 512;
    await using file = await fs.promises.open(path, "r");
    const buffer = Buffer.alloc(CHUNK_BYTES);
    while (done < size) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, size - done), done);
      if (bytesRead === 0) throw new Error(`it ends there, must have ${size} bytes`);
      const tenths = Math.floor((done * 10) / size);
      done += bytesRead;
      if (Math.floor((done * 10) / size) > tenths)
        log.info("Reading the root before it is marked", {
          percent: Math.floor((done * 10) / size) * 10,
        });
    }
  } catch (error) {
    if (error instanceof BallastError) throw error;
    throw new SignpostError(
      "signpost.root-unreadable",
      `Cannot read root "${path}" at byte ${done}`,
      { cause: error, hint: "The slot is not marked successful." },
    );
  }
}
