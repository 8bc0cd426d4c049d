import { newSalt } from "../keys/sealed-key.ts";
import { makeKeys } from "../keys/key-folder.ts";
import { createRepository, LIFE_DAYS } from "../repository/repository.ts";
import type { InitCommand } from "../command.ts";
import { publishManifest } from "../release/publish-manifest.ts";
import type { Context } from "./context.ts";
import { readPassphrase } from "./passphrase.ts";

export async function runInit(
  { stdout, now }: Context,
  { repository, keys, passphraseFile, rootKeys, rootThreshold }: InitCommand,
): Promise<void> {
  const seal = { passphrase: await readPassphrase(passphraseFile), salt: newSalt() };
  const made = {
    root: await makeKeys(keys, "root", rootKeys, seal),
    targets: await makeKeys(keys, "targets", 1, seal),
    snapshot: await makeKeys(keys, "snapshot", 1, seal),
    timestamp: await makeKeys(keys, "timestamp", 1, seal),
  };
  const roles = {
    root: { keys: made.root, threshold: rootThreshold },
    targets: { keys: made.targets, threshold: 1 },
    snapshot: { keys: made.snapshot, threshold: 1 },
    timestamp: { keys: made.timestamp, threshold: 1 },
  };
  const expires = now.add({ hours: 24 * LIFE_DAYS.root });
  const root = { version: 1, expires, roles };
  const empty = await createRepository(repository, root, made.root, now);
  // A machine that asks finds that there is nothing for it, and not that something is missing.
  await publishManifest(empty, { schema: 1, releases: [] }, { keys: made, now });
  await stdout(
    `Repository "${repository}" has no release yet. Its root of trust, for the images that are to follow it:\n` +
      `  ${repository}/metadata/1.root.json (${rootThreshold} of ${rootKeys} keys, until ${expires.toString()})\n` +
      `Take root-*.key out of "${keys}" now and keep each in another place: only a new root needs them.\n`,
  );
}
