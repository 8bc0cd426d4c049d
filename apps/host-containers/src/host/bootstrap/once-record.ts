import { join } from "node:path";
import { isRecord } from "../../hash-of.ts";
import type { HostContainer } from "../host-container.ts";
import { storagePath, type MountPlaces } from "../mounts.ts";
import { readIfThere, writeDurably } from "../storage.ts";

const FILE = ".ballast-once.json";

/** When a container of these very settings succeeded; nothing if it never did. A record that cannot be read is none. */
export async function onceSucceededAt(
  container: HostContainer,
  places: MountPlaces,
): Promise<string | undefined> {
  const text = await readIfThere(join(storagePath(places, container), FILE));
  try {
    const record: unknown = JSON.parse(text ?? "");
    if (!isRecord(record) || record["hash"] !== container.hash) return undefined;
    return typeof record["at"] === "string" ? record["at"] : undefined;
  } catch {
    return undefined;
  }
}

/** Notes it where a power cut does not lose it. */
export async function recordOnce(
  container: HostContainer,
  places: MountPlaces,
  at: string,
): Promise<void> {
  const text = JSON.stringify({ hash: container.hash, at });
  await writeDurably(join(storagePath(places, container), FILE), text);
}
