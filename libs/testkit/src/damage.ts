import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";

const CHUNK_BYTES = 1 << 20;

/** Flips one bit of a file. */
export async function flipBit(file: string, position: number): Promise<void> {
  await using handle = await open(file, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  await handle.write(Buffer.from([byte.readUInt8(0) ^ 1]), 0, 1, position);
}

/** Overwrites a part of a file with noise. */
export async function writeNoise(file: string, position: number, sizeBytes: number): Promise<void> {
  await using handle = await open(file, "r+");
  const noise = randomBytes(Math.min(sizeBytes, CHUNK_BYTES));
  for (let done = 0; done < sizeBytes; done += noise.length)
    await handle.write(noise, 0, Math.min(noise.length, sizeBytes - done), position + done);
}

/** Where these bytes first occur in a file that fits into memory. */
export async function findBytes(file: string, wanted: string): Promise<number> {
  await using handle = await open(file, "r");
  const position = (await handle.readFile()).indexOf(wanted);
  if (position < 0) throw new Error(`Cannot find ${JSON.stringify(wanted)} in "${file}"`);
  return position;
}
