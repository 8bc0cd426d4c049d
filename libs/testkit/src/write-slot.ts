import { open } from "node:fs/promises";
import type { SlotParts } from "@ballast/harness";
import { mustBeSoundTable, PARTITION, readPartition } from "./boot-flags.ts";
import { runSignpost } from "./signpost.ts";

const CHUNK_BYTES = 4 << 20;

/**
 * Writes slot B of a disk image as an update does, so that it boots next on trial: cleared, filled, named by the root
 * hash, made valid, preferred. The flags are signpost's work and are judged here by sgdisk.
 */
export async function writeSlotB(rawImage: string, parts: SlotParts): Promise<void> {
  await runSignpost(rawImage, "clear-inactive");
  await copyInto(rawImage, parts.uki, PARTITION.bootB);
  await copyInto(rawImage, parts.root, PARTITION.rootB);
  await copyInto(rawImage, parts.hash, PARTITION.hashB);
  await runSignpost(rawImage, "set-slot-uuids", "--root-hash", parts.rootHash);
  await runSignpost(rawImage, "mark-inactive-valid");
  await runSignpost(rawImage, "upgrade-to-inactive");
  await mustBeSoundTable(rawImage);
  const [boot, root, hash] = await Promise.all(
    [PARTITION.bootB, PARTITION.rootB, PARTITION.hashB].map((number) =>
      readPartition(rawImage, number),
    ),
  );
  const uuids = `${root?.uuid}${hash?.uuid}`.replaceAll("-", "");
  const flags = JSON.stringify(boot?.flags);
  if (uuids !== parts.rootHash || flags !== '{"priority":2,"tries":2,"isSuccessful":false}')
    throw new Error(
      `Slot B of "${rawImage}" has root hash ${uuids} and flags ${flags}; must be ${parts.rootHash}, on trial with 2 tries`,
    );
}

async function copyInto(rawImage: string, file: string, number: number): Promise<void> {
  const { startBytes, sizeBytes } = await readPartition(rawImage, number);
  await using source = await open(file, "r");
  await using target = await open(rawImage, "r+");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; ;) {
    const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, done);
    if (bytesRead === 0) return;
    if (done + bytesRead > sizeBytes)
      throw new Error(`Cannot write "${file}" to partition ${number}: it is larger`);
    await target.write(buffer, 0, bytesRead, startBytes + done);
    done += bytesRead;
  }
}
