import { compareVersions, isVersion, releaseName } from "@ballast/updates";
import { UsageError } from "@ballast/errors";
import type { SetMaxVersionCommand } from "../command.ts";
import { PublisherError } from "../publisher-error.ts";
import { publishManifest } from "../release/publish-manifest.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";

export async function runSetMaxVersion(
  { stdout, now }: Context,
  command: SetMaxVersionCommand,
): Promise<void> {
  const { version, variant } = command;
  if (!isVersion(version))
    throw new UsageError(
      `Cannot set the highest version: "${version}" is none`,
      "For example 1.2.0.",
    );
  const repository = await openRepository(command.repository);
  const passphrase = await readPassphrase(command.passphraseFile);
  const keys = await openOnlineKeys(command.keys, passphrase, repository.root);
  const manifest = await readManifest(repository);
  const isMeant = (one: { readonly variant: string }) =>
    variant === undefined || one.variant === variant;
  const meant = manifest.releases.filter(isMeant);
  if (meant.length === 0)
    throw new PublisherError(
      "publisher.absent",
      `Cannot set the highest version: there is no release${variant === undefined ? "" : ` of variant "${variant}"`}`,
    );
  const releases = manifest.releases.map((one) =>
    isMeant(one) ? { ...one, max_version: version } : one,
  );
  const withdrawn = meant.filter((one) => compareVersions(one.version, version) > 0);
  if (!command.dryRun) await publishManifest(repository, { ...manifest, releases }, { keys, now });
  const names = withdrawn.map(releaseName);
  const report = { max_version: version, withdrawn: names, published: !command.dryRun };
  await stdout(
    command.json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : `${command.dryRun ? "Would let machines run" : "Machines may run"} up to ${version}; those of a later version go back` +
          `${names.length === 0 ? "" : ` (${names.join(", ")})`}.\n` +
          // Else they stay with what was withdrawn, and nobody is told.
          (withdrawn.length === meant.length
            ? "There is no release left to which they could go: publish one.\n"
            : ""),
  );
}
