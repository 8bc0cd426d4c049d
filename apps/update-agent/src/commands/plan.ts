import { compareVersions, type Release } from "@ballast/updates";
import type { UpdatePlan } from "@ballast/model";
import { choose } from "../choose/choose.ts";
import type { AgentContext } from "../context.ts";
import { IMAGE_NAMES, slotPartitions } from "../machine/partitions.ts";
import { readRunning, type Running } from "../machine/running.ts";
import { readSelectorVersion } from "../machine/selector.ts";
import { isStaged, otherSlot, readSlots, type Slots } from "../machine/slots.ts";
import { prepareObstacles } from "../plan/prepare-obstacles.ts";
import { plannedImages } from "../plan/planned-images.ts";
import { readConfig } from "../repository/config.ts";
import { openRepository, type Repository } from "../repository/open-repository.ts";
import { reconcile } from "../state/reconcile.ts";
import { readState } from "../state/state-file.ts";
import { takeRequest } from "./request.ts";

/** What preparing would do now. Changes nothing, not even what is known of the repository, so it may run beside anything. */
export async function runPlan(context: AgentContext): Promise<UpdatePlan> {
  const request = await takeRequest(context, "plan");
  const running = await readRunning(context.fs, context.arch);
  const slots = await readSlots(context);
  const now = context.clock.now();
  const state = reconcile(await readState(context), { running, slots, now: now.toString() });
  const config = await readConfig(context);
  await using repository = await openRepository(context, {
    ...{ config, running, request },
    keepsNothing: true,
  });
  const selector = await readSelectorVersion(context.fs);
  const nowMs = now.epochMilliseconds;
  const { release } = choose(
    repository.manifest,
    { running, state, config, selector, nowMs },
    request,
  );
  return release === undefined
    ? nothingToDo(running)
    : planOf(context, repository, release, { running, slots });
}

function nothingToDo({ image }: Running): UpdatePlan {
  return {
    version: null,
    current: image.version,
    downgrade: false,
    images: null,
    bytes_to_fetch: 0,
    bytes_from_this_machine: 0,
    space: [],
    settings_migrations: null,
    services: [],
    obstacles: [],
  };
}

async function planOf(
  context: AgentContext,
  { snapshot, manifest }: Repository,
  release: Release,
  { running, slots }: { readonly running: Running; readonly slots: Slots },
): Promise<UpdatePlan> {
  const held = manifest.releases.find(({ root_hash: hash }) => hash === heldHash(release, slots));
  const images = await plannedImages(snapshot, release, held, context.signal);
  const partitions = await slotPartitions(context, slots.disk, slots.other);
  const sum = (field: "fetch_bytes" | "local_bytes") =>
    IMAGE_NAMES.reduce((total, name) => total + images[name][field], 0);
  return {
    version: release.version,
    current: running.image.version,
    downgrade: compareVersions(release.version, running.image.version) < 0,
    images,
    bytes_to_fetch: sum("fetch_bytes"),
    bytes_from_this_machine: sum("local_bytes"),
    space: IMAGE_NAMES.map((name) => ({
      partition: `BALLAST-${name.toUpperCase()}-${otherSlot(slots.active)}`,
      needed_bytes: release.images[name].size_bytes,
      available_bytes: partitions[name].sizeBytes,
    })),
    // They are a part of the new image.
    settings_migrations: null,
    services: ["all"],
    obstacles: prepareObstacles(release, slots, partitions).map(({ code, message, hint }) => ({
      code,
      message,
      hint: hint ?? null,
    })),
  };
}

/** What is in the other slot already, whole, or else in the running one. */
function heldHash({ root_hash: wanted }: Release, slots: Slots): string {
  return isStaged(slots) && slots.other.root_hash === wanted ? wanted : slots.running.root_hash;
}
