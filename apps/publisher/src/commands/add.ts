import { readFile } from "node:fs/promises";
import {
  MANIFEST_TARGET,
  parsePolicy,
  releaseName,
  WAVE_POLICIES,
  wavesOf,
  writeManifest,
  type WavePolicy,
} from "@ballast/updates";
import type { AddCommand } from "../command.ts";
import { addRelease, putText, type AddedRelease } from "../release/add-release.ts";
import { readImageFolder } from "../release/image-folder.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository, publishTargets } from "../repository/repository.ts";
import { PublisherError } from "../publisher-error.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";
import { progressLine } from "./progress-line.ts";

export async function runAdd(context: Context, command: AddCommand): Promise<void> {
  const { now, signal } = context;
  // What may be refused comes first: packing takes a minute.
  const keys = await openOnlineKeys(command.keys, await readPassphrase(command.passphraseFile));
  const repository = await openRepository(command.repository);
  const manifest = await readManifest(repository);
  const image = await readImageFolder(command.image);
  const waves = wavesOf(await policyOf(command.waves), now.epochMilliseconds);
  const onProgress = progressLine(context);
  const added = await addRelease(repository, manifest, image, waves, now, { onProgress, signal });
  if (!command.dryRun) {
    const text = await putText(repository, MANIFEST_TARGET, writeManifest(added.manifest));
    const targets = new Map([
      ...repository.targets.targets,
      ...added.targets,
      [MANIFEST_TARGET, text],
    ]);
    await publishTargets(repository, targets, keys, now);
  }
  await context.stdout(command.json ? jsonReport(added, command) : textReport(added, command));
}

async function policyOf(name: string): Promise<WavePolicy> {
  const known = Object.entries(WAVE_POLICIES).find(([key]) => key === name);
  if (known !== undefined) return known[1];
  try {
    return parsePolicy(JSON.parse(await readFile(name, "utf8")));
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot use the waves "${name}"`, {
      cause,
      hint: `Policies are ${Object.keys(WAVE_POLICIES).join(", ")}; else it is a JSON file.`,
    });
  }
}

function jsonReport(
  { release, packedBytes, deltas }: AddedRelease,
  { dryRun }: AddCommand,
): string {
  const report = {
    release: releaseName(release),
    published: !dryRun,
    packed_bytes: packedBytes,
    deltas: deltas.map(({ from, fetchBytes }) => ({ from, fetch_bytes: fetchBytes })),
    waves: release.waves,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function textReport(
  { release, packedBytes, deltas }: AddedRelease,
  { dryRun }: AddCommand,
): string {
  const lines = [
    `${dryRun ? "Would publish" : "Published"} ${releaseName(release)}: ${mib(packedBytes)} for a machine that has nothing of it`,
    ...deltas.map(({ from, fetchBytes }) => `  from ${from}: ${mib(fetchBytes)} of the root`),
    release.waves.length === 0
      ? "  for all machines at once"
      : `  from ${release.waves[0]?.starts_at} until ${release.waves.at(-1)?.ends_at}`,
  ];
  return `${lines.join("\n")}\n`;
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
