import { releaseName } from "@ballast/updates";
import type { AddCommand } from "../command.ts";
import { addRelease, type AddedRelease } from "../release/add-release.ts";
import { findAttachments } from "../release/attachments.ts";
import { readImageFolder } from "../release/image-folder.ts";
import { publishManifest } from "../release/publish-manifest.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";
import { mib } from "./mib.ts";
import { progressLine } from "./progress-line.ts";
import { readWaves, turnsOf } from "./read-waves.ts";

export async function runAdd(context: Context, command: AddCommand): Promise<void> {
  const { now, signal } = context;
  // What may be refused comes first: packing takes a minute.
  const repository = await openRepository(command.repository);
  const passphrase = await readPassphrase(command.passphraseFile);
  const keys = await openOnlineKeys(command.keys, passphrase, repository.root);
  const manifest = await readManifest(repository);
  const image = await readImageFolder(command.image);
  const attachments = await findAttachments(command.image, command.archives);
  const waves = await readWaves(command.waves, now);
  const release = { image, attachments, waves, publishedAt: now };
  const onProgress = progressLine(context);
  const added = await addRelease(repository, manifest, release, { onProgress, signal });
  if (!command.dryRun)
    await publishManifest(repository, added.manifest, { keys, now }, added.targets);
  await context.stdout(command.json ? jsonReport(added, command) : textReport(added, command));
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
    ...(release.sbom === undefined ? {} : { sbom: release.sbom }),
    archives: release.archives ?? [],
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
    ...(release.archives ?? []).map((name) => `  with ${name}`),
    `  ${turnsOf(release)}`,
  ];
  return `${lines.join("\n")}\n`;
}
