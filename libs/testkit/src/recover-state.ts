import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { createContext } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";
import type { CutState, Extent } from "./cut-states.ts";
import type { WriteLog } from "./write-log.ts";

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;
/** Images that lie on the disk at once. */
const BATCH = 64;
/**
 * As the machine does at its start: the journal is replayed, and what remains must be in order. Then the folder is taken out.
 */
const RECOVER = `cd /out && for image in *.img; do
  name=\${image%.img}; mkdir $name
  e2fsck -p $image >$name.log 2>&1 || test $? = 1 || { echo "$name: e2fsck -p: $(cat $name.log)"; continue; }
  e2fsck -fn $image >$name.log 2>&1 || { echo "$name: e2fsck -fn: $(cat $name.log)"; continue; }
  debugfs -R "rdump /$FOLDER $name" $image >$name.log 2>&1
  test -d "$name/$FOLDER" || echo "$name: debugfs: $(cat $name.log)"
  rm $image
done`;

export interface RecoverOptions {
  readonly log: WriteLog;
  /** The disk before the first request of the log, raw. */
  readonly before: string;
  /** Of an ext4 file system. */
  readonly extent: Extent;
  /** A folder of it. */
  readonly folder: string;
  /** Scratch folder. */
  readonly directory: string;
}

/**
 * Recovers the file system from each state and hands the wanted folder over, which is there only during the call. Gives
 * what was wrong with file systems.
 */
export async function recoverEach(
  states: readonly CutState[],
  options: RecoverOptions,
  look: (folder: string, state: CutState, index: number) => void,
): Promise<readonly string[]> {
  await using disk = await open(options.before, "r");
  await using log = await open(options.log.file, "r");
  const { startBytes, sizeBytes } = options.extent;
  const { buffer: content } = await disk.read(Buffer.alloc(sizeBytes), 0, sizeBytes, startBytes);
  const context = await createContext(
    join(REPOSITORY, "images/standalone"),
    process.env,
    options.directory,
  );
  const faults: string[] = [];
  let done = 0;
  for (let first = 0; first < states.length; first += BATCH) {
    const batch = join(options.directory, "batch");
    await mkdir(batch, { recursive: true });
    for (const [index, state] of states.slice(first, first + BATCH).entries()) {
      for (; done < state.base; done += 1) await apply(content, log, options, done);
      const image = Buffer.from(content);
      for (const place of state.kept)
        await apply(image, log, options, place, state.isTorn && place === state.kept.at(-1));
      await writeSparse(image, join(batch, `${first + index}.img`));
    }
    const said = await context.run(["sh", "-c", RECOVER], {
      writable: { "/out": batch },
      env: { FOLDER: options.folder },
    });
    faults.push(...said.split("\n").filter((line) => line !== ""));
    for (const name of await readdir(batch))
      if (/^\d+$/.test(name)) {
        const state = states[Number(name)];
        const folder = join(batch, name, options.folder);
        const isThere = !faults.some((fault) => fault.startsWith(`${name}: `));
        if (state !== undefined && isThere) look(folder, state, Number(name));
      }
    await rm(batch, { recursive: true });
  }
  return faults;
}

/** Does what one request of the log did, as far as it is within the file system. */
async function apply(
  content: Buffer,
  log: FileHandle,
  options: RecoverOptions,
  place: number,
  isHalf = false,
): Promise<void> {
  const request = options.log.requests[place];
  if (request === undefined || request.isDiscard || request.lengthBytes === 0) return;
  const { startBytes, sizeBytes } = options.extent;
  const sectors = request.lengthBytes / SECTOR_BYTES;
  const wanted = isHalf ? Math.floor(sectors / 2) * SECTOR_BYTES : request.lengthBytes;
  const from = Math.max(0, startBytes - request.offsetBytes);
  const end = Math.min(wanted, startBytes + sizeBytes - request.offsetBytes);
  if (end <= from) return;
  const at = request.offsetBytes + from - startBytes;
  await log.read(content, at, end - from, request.dataBytesAt + from);
}

/** A file of which only blocks that hold something take room. */
async function writeSparse(content: Buffer, file: string): Promise<void> {
  await using target = await open(file, "w");
  await target.truncate(content.length);
  const empty = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < content.length; at += BLOCK_BYTES)
    if (content.compare(empty, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) !== 0)
      await target.write(content, at, BLOCK_BYTES, at);
}
