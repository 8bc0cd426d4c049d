import { isVersion, MANIFEST_TARGET, writeManifest } from "@ballast/updates";
import { UsageError } from "@ballast/errors";
import type { SetMaxVersionCommand } from "../command.ts";
import { putText } from "../release/add-release.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository, publishTargets } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";

export async function runSetMaxVersion(
  { stdout, now }: Context,
  { repository: folder, keys: keyFolder, passphraseFile, version }: SetMaxVersionCommand,
): Promise<void> {
  if (!isVersion(version))
    throw new UsageError(
      `Cannot set the highest version: "${version}" is none`,
      "For example 1.2.0.",
    );
  const keys = await openOnlineKeys(keyFolder, await readPassphrase(passphraseFile));
  const repository = await openRepository(folder);
  const { releases, ...manifest } = await readManifest(repository);
  const changed = {
    ...manifest,
    releases: releases.map((one) => ({ ...one, max_version: version })),
  };
  const text = await putText(repository, MANIFEST_TARGET, writeManifest(changed));
  const targets = new Map([...repository.targets.targets, [MANIFEST_TARGET, text]]);
  await publishTargets(repository, targets, keys, now);
  await stdout(`Machines may run up to ${version}; those of a later version go back.\n`);
}
