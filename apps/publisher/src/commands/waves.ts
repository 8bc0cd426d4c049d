import { UsageError } from "@ballast/errors";
import { readyShare, releaseName, SEED_COUNT, type Release } from "@ballast/updates";
import type { WavesCommand } from "../command.ts";
import { findRelease } from "../release/find-release.ts";
import { publishManifest } from "../release/publish-manifest.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";
import { readWaves, turnsOf } from "./read-waves.ts";

/** Shows the waves of releases that are out, or replaces those of one. */
export async function runWaves(context: Context, command: WavesCommand): Promise<void> {
  const { now, stdout } = context;
  const { change } = command;
  const repository = await openRepository(command.repository);
  const manifest = await readManifest(repository);
  const chosen =
    command.release === undefined ? manifest.releases : [findRelease(manifest, command.release)];
  if (change === undefined) {
    await stdout(report(chosen, now, command));
    return;
  }
  const [release] = chosen;
  if (release === undefined || chosen.length > 1)
    throw new UsageError("Cannot replace the waves: name the release", "publisher waves --help");
  const passphrase = await readPassphrase(change.passphraseFile);
  const keys = await openOnlineKeys(change.keys, passphrase, repository.root);
  const changed = { ...release, waves: await readWaves(change.waves, change.startAt ?? now) };
  const releases = manifest.releases.map((one) => (one === release ? changed : one));
  if (!change.dryRun) await publishManifest(repository, { ...manifest, releases }, { keys, now });
  await stdout(report([changed], now, command));
}

function report(
  releases: readonly Release[],
  now: Temporal.Instant,
  { json, change }: WavesCommand,
): string {
  const shareOf = ({ waves }: Release) => readyShare(waves, now.epochMilliseconds);
  if (json)
    return `${JSON.stringify(
      {
        published: change?.dryRun !== true,
        releases: releases.map((one) => ({
          release: releaseName(one),
          ready_share: shareOf(one),
          waves: one.waves,
        })),
      },
      undefined,
      2,
    )}\n`;
  const lines = releases.flatMap((one) => [
    `${change?.dryRun === true ? "Would be: " : ""}${releaseName(one)}: ${turnsOf(one)}; now ${percent(shareOf(one))} of all machines`,
    ...one.waves.map(
      ({ starts_at: start, ends_at: end }, index) =>
        `  up to ${percent((one.waves[index + 1]?.first_seed ?? SEED_COUNT) / SEED_COUNT)}: from ${start} until ${end}`,
    ),
  ]);
  return lines.length === 0 ? "There are no releases.\n" : `${lines.join("\n")}\n`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
