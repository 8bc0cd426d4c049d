import { openKeys } from "../keys/key-folder.ts";
import type { OnlineKeys } from "../repository/repository.ts";

/** The keys that a release needs; those of root may be away. */
export async function openOnlineKeys(folder: string, passphrase: string): Promise<OnlineKeys> {
  return {
    targets: await openKeys(folder, "targets", passphrase),
    snapshot: await openKeys(folder, "snapshot", passphrase),
    timestamp: await openKeys(folder, "timestamp", passphrase),
  };
}
