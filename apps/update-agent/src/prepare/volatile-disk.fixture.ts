import { readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import type { OpenPartition } from "../transfer/partition.ts";

/** What a disk writes at once or not at all. */
const SECTOR_BYTES = 512;

/** Partitions whose disk has a cache: what was not synced is lost in part when the power goes. */
export interface VolatileDisk {
  readonly open: OpenPartition;
  /** Leaves on the files what a power cut may leave: of each sector that was not synced the old or the new bytes. */
  cutPower(random: () => number): void;
}

/** `step` is called before each write and each sync. */
export function createVolatileDisk(step: () => void): VolatileDisk {
  const caches = new Map<string, Buffer>();
  const cacheOf = (path: string): Buffer => {
    const cache = caches.get(path) ?? readFileSync(path);
    caches.set(path, cache);
    return cache;
  };
  return {
    open: async ({ path, sizeBytes }) => {
      const cache = cacheOf(path);
      return {
        sizeBytes,
        read: async (position, into) => {
          cache.copy(into, 0, position, position + into.length);
        },
        write: async (position, bytes) => {
          step();
          bytes.copy(cache, position);
        },
        sync: async () => {
          step();
          await using file = await open(path, "r+");
          await file.write(cache);
          await file.datasync();
        },
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    cutPower: (random) => {
      for (const [path, cache] of caches) {
        const disk = readFileSync(path);
        for (let at = 0; at < disk.length; at += SECTOR_BYTES)
          if (random() < 0.5) cache.copy(disk, at, at, at + SECTOR_BYTES);
        writeFileSync(path, disk);
      }
    },
  };
}
