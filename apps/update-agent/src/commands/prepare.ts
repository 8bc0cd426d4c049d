import type { UpdateProgress, UpdateRequest, UpdatesStatus } from "@ballast/model";
import type { Release } from "@ballast/updates";
import { releaseToPrepare } from "../choose/release-to-prepare.ts";
import { realPath, type AgentContext } from "../context.ts";
import { slotPartitions } from "../machine/partitions.ts";
import { readSelectorVersion } from "../machine/selector.ts";
import { otherSlot } from "../machine/slots.ts";
import { prepareObstacles } from "../plan/prepare-obstacles.ts";
import { writeSlot, type SlotWrite } from "../prepare/write-slot.ts";
import { readConfig } from "../repository/config.ts";
import { openRepository, type Repository } from "../repository/open-repository.ts";
import { withName } from "../state/state.ts";
import { openPartition } from "../transfer/partition.ts";
import type { Progress } from "../transfer/progress.ts";
import { PATHS } from "../paths.ts";
import { operate, type Operation } from "./operate.ts";
import { takeRequest } from "./request.ts";

/** Writes the chosen release, and no other, to the slot that does not run. */
export async function runPrepare(context: AgentContext): Promise<UpdatesStatus> {
  const request = await takeRequest(context, "prepare");
  return operate(context, "prepare", (operation) => prepare(context, operation, request));
}

async function prepare(
  context: AgentContext,
  operation: Operation,
  request: UpdateRequest,
): Promise<void> {
  const { running, slots } = operation;
  await operation.report(METADATA);
  const config = await readConfig(context);
  await using repository = await openRepository(context, { config, running, request });
  const release = releaseToPrepare(
    repository.manifest,
    {
      ...{ running, config },
      state: operation.state(),
      selector: await readSelectorVersion(context.fs),
      nowMs: context.clock.now().epochMilliseconds,
    },
    request,
  );
  const destinations = await slotPartitions(context, slots.disk, slots.other);
  const [obstacle] = prepareObstacles(release, slots, destinations);
  if (obstacle !== undefined) throw obstacle;
  // Before the slot: what is written must be known by its name, also when the power goes right behind.
  await operation.save(withName(operation.state(), nameOf(release)));
  const startedMs = performance.now();
  const log = { version: release.version, slot: otherSlot(slots.active) };
  context.log.notice("Writing update", log);
  const reports = inTurn(operation.report);
  try {
    const report = await writeSlot(context, {
      ...{ release, destinations, snapshot: repository.snapshot, open: openPartition },
      running: await whatRuns(context, operation, repository),
      maxBytesPerSecond: config.max_bytes_per_second ?? undefined,
      onProgress: (progress) => {
        reports.add(forApi(progress));
      },
    });
    context.log.notice("Update is written", {
      ...log,
      kept_bytes: report.keptBytes,
      copied_bytes: report.copiedBytes,
      fetched_bytes: report.fetchedBytes,
      milliseconds: Math.round(performance.now() - startedMs),
    });
  } finally {
    // A report that is late would overwrite what is told after the end.
    await reports.done();
  }
}

const METADATA = {
  phase: "metadata",
  done_bytes: 0,
  total_bytes: 0,
  fetched_bytes: 0,
  bytes_per_second: 0,
  remaining_seconds: null,
} as const;

function nameOf({ version, root_hash }: Release) {
  return { version, root_hash };
}

/** The running release by its root hash, and where it is: the root through dm-verity, which answers for each block. */
async function whatRuns(
  context: AgentContext,
  { slots }: Operation,
  { manifest }: Repository,
): Promise<SlotWrite["running"]> {
  const release = manifest.releases.find(({ root_hash: hash }) => hash === slots.running.root_hash);
  if (release === undefined) return undefined;
  const partitions = await slotPartitions(context, slots.disk, slots.running);
  const root = {
    path: realPath(context, PATHS.verifiedRoot),
    sizeBytes: release.images.root.size_bytes,
  };
  return { release, places: { ...partitions, root } };
}

function forApi(progress: Progress): Omit<UpdateProgress, "command"> {
  return {
    phase: progress.phase,
    done_bytes: progress.doneBytes,
    total_bytes: progress.totalBytes,
    fetched_bytes: progress.fetchedBytes,
    bytes_per_second: progress.bytesPerSecond,
    remaining_seconds: progress.remainingSeconds,
  };
}

/** One report after the other, while the caller goes on. A report that cannot be written stops nothing. */
function inTurn(report: Operation["report"]) {
  let last: Promise<void> = Promise.resolve();
  return {
    add: (progress: Omit<UpdateProgress, "command">): void => {
      last = last.then(() => report(progress)).catch(() => undefined);
    },
    done: () => last,
  };
}
