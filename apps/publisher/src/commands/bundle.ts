import type { BundleCommand } from "../command.ts";
import { planBundle, writeBundleFile } from "../release/bundle-release.ts";
import { findRelease, newestReleases } from "../release/find-release.ts";
import { readManifest } from "../release/read-target.ts";
import { PublisherError } from "../publisher-error.ts";
import { openRepository } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { mib } from "./mib.ts";
import { progressLine } from "./progress-line.ts";

/** One file with all that a machine without a network needs. It signs nothing. */
export async function runBundle(context: Context, command: BundleCommand): Promise<void> {
  const repository = await openRepository(command.repository);
  const manifest = await readManifest(repository);
  const releases =
    command.releases.length === 0
      ? newestReleases(manifest)
      : [...new Set(command.releases)].map((name) => findRelease(manifest, name));
  if (releases.length === 0)
    throw new PublisherError(
      "publisher.absent",
      "Cannot make a bundle: the repository has no release that is offered",
      { hint: "publisher add publishes one." },
    );
  const plan = await planBundle(repository, releases);
  const onProgress = progressLine(context);
  if (!command.dryRun)
    await writeBundleFile(command.file, plan.files, {
      onProgress: (done) => {
        onProgress(command.file, done / plan.sizeBytes);
      },
      signal: context.signal,
    });
  const { releases: names, expires, sizeBytes } = plan;
  await context.stdout(
    command.json
      ? `${JSON.stringify(
          {
            ...{ file: command.file, written: !command.dryRun, releases: names },
            ...{ bytes: sizeBytes, files: plan.files.length, expires: expires.toString() },
          },
          undefined,
          2,
        )}\n`
      : `${command.dryRun ? "Would bundle" : "Bundled"} ${names.join(", ")}: ${plan.files.length} files, ${mib(sizeBytes)}.\n` +
          `Until ${expires.toString()}; later a machine takes it only from an operator who passes over expiry.\n`,
  );
}
