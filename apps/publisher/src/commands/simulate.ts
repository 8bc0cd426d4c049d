import { UsageError } from "@ballast/errors";
import { wavesOf, WAVE_POLICIES } from "@ballast/updates";
import type { SimulateCommand } from "../command.ts";
import { findRelease, newestReleases } from "../release/find-release.ts";
import { readManifest } from "../release/read-target.ts";
import { openRepository } from "../repository/repository.ts";
import { plainLoad, releaseLoad, type MachineLoad } from "../simulate/machine-load.ts";
import { rollOut, type Prediction } from "../simulate/roll-out.ts";
import type { Context } from "./context.ts";
import { mib } from "./mib.ts";
import { readWaves } from "./read-waves.ts";

/** Tells how a release would reach machines; changes and asks nothing. */
export async function runSimulate(context: Context, command: SimulateCommand): Promise<void> {
  const { machines, checkMinutes, json } = command;
  const { load, waves, startMs } = await subjectOf(context, command);
  const prediction = rollOut({ machines, checkMinutes, waves, startMs, load });
  await context.stdout(
    json
      ? `${JSON.stringify({ machines, check_minutes: checkMinutes, ...jsonOf(load, prediction) }, undefined, 2)}\n`
      : tableOf(command, load, prediction),
  );
}

async function subjectOf({ now }: Context, command: SimulateCommand) {
  const chosen = command.waves === undefined ? undefined : await readWaves(command.waves, now);
  const { repository: folder, bytes } = command;
  if (folder === undefined) {
    if (bytes === undefined)
      throw new UsageError(
        "Cannot simulate: name a repository, or what a machine fetches with --bytes",
        'See "publisher simulate --help".',
      );
    const waves = chosen ?? wavesOf(WAVE_POLICIES.default, now.epochMilliseconds);
    return { load: plainLoad(bytes), waves, startMs: now.epochMilliseconds };
  }
  const repository = await openRepository(folder);
  const manifest = await readManifest(repository);
  const [newest, ...others] = newestReleases(manifest);
  const release =
    command.release === undefined && newest !== undefined && others.length === 0
      ? newest
      : findRelease(manifest, command.release ?? "of one variant");
  const from = command.from === undefined ? undefined : findRelease(manifest, command.from);
  const load = await releaseLoad(repository, release, from);
  return {
    load: bytes === undefined ? load : { ...load, updateBytes: bytes },
    waves: chosen ?? release.waves,
    // Its own waves count from when it was published.
    startMs: chosen === undefined ? Date.parse(release.published_at) : now.epochMilliseconds,
  };
}

function jsonOf(load: MachineLoad, { hours, peak, totalBytes }: Prediction) {
  return {
    update_bytes: load.updateBytes,
    update_requests: load.updateRequests,
    total_bytes: totalBytes,
    peak: { bytes_per_second: peak.bytesPerSecond, requests_per_second: peak.requestsPerSecond },
    hours: hours.map((hour) => ({
      ...{ hour: hour.hour, updates: hour.updates, updated: hour.updated },
      ...{ bytes_per_second: hour.bytesPerSecond, requests_per_second: hour.requestsPerSecond },
    })),
  };
}

function tableOf(
  { machines, checkMinutes }: SimulateCommand,
  load: MachineLoad,
  { hours, peak, totalBytes }: Prediction,
): string {
  const row = (...cells: (string | number)[]) =>
    cells
      .map((cell, index) => String(cell).padStart([5, 10, 10, 6, 10, 11][index] ?? 0))
      .join("  ");
  const rate = (bytes: number) => (bytes / 1_000_000).toFixed(2);
  const lines = hours.map((hour) =>
    row(
      hour.hour,
      hour.updates,
      hour.updated,
      ((hour.updated / machines) * 100).toFixed(1),
      rate(hour.bytesPerSecond),
      hour.requestsPerSecond.toFixed(1),
    ),
  );
  return [
    `${machines} machines, each asks every ${checkMinutes} minutes and fetches ${mib(load.updateBytes)} in ${load.updateRequests} requests.`,
    "",
    row("hour", "updates", "updated", "%", "MB/s", "requests/s"),
    ...lines,
    "",
    `${(totalBytes / 1e9).toFixed(1)} GB in all; at most ${rate(peak.bytesPerSecond)} MB/s and ${peak.requestsPerSecond.toFixed(1)} requests/s in one step.`,
    "",
  ].join("\n");
}
