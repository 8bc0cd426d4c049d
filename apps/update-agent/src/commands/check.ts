import type { UpdatesStatus } from "@ballast/model";
import { choose, obstacleForApi } from "../choose/choose.ts";
import type { AgentContext } from "../context.ts";
import { readSelectorVersion } from "../machine/selector.ts";
import { readConfig } from "../repository/config.ts";
import { openRepository } from "../repository/open-repository.ts";
import { withName } from "../state/state.ts";
import { operate, type Operation } from "./operate.ts";
import { takeRequest } from "./request.ts";

const BEGUN = {
  phase: "metadata",
  done_bytes: 0,
  total_bytes: 0,
  fetched_bytes: 0,
  bytes_per_second: 0,
  remaining_seconds: null,
} as const;

/** Asks the repository which releases there are and chooses what this machine is to take. */
export async function runCheck(context: AgentContext): Promise<UpdatesStatus> {
  const request = await takeRequest(context, "check");
  return operate(context, "refresh", async (operation) => {
    await operation.report(BEGUN);
    try {
      await check(context, operation, request);
    } catch (error) {
      if (!context.signal.aborted) await forget(operation);
      throw error;
    }
  });
}

async function check(
  context: AgentContext,
  { running, slots, state, save }: Operation,
  request: Awaited<ReturnType<typeof takeRequest>>,
): Promise<void> {
  const config = await readConfig(context);
  await using repository = await openRepository(context, { config, running, request });
  const now = context.clock.now();
  const choice = choose(
    repository.manifest,
    {
      running,
      state: state(),
      config,
      selector: await readSelectorVersion(context.fs),
      nowMs: now.epochMilliseconds,
    },
    request,
  );
  const checked = {
    at: now.toString(),
    by_version: running.image.version,
    chosen: choice.release?.version ?? null,
    ignore_waves: request.ignore_waves === true,
    pull_back: choice.isPullBack,
    releases: choice.judged.map(({ release, obstacle }) => ({
      version: release.version,
      obstacle: obstacleForApi(obstacle),
    })),
  };
  // The name of what the other slot holds, if a lost state does not know it.
  const held = choice.judged.find(({ release }) => release.root_hash === slots.other.root_hash);
  const named =
    held === undefined
      ? state()
      : withName(state(), { version: held.release.version, root_hash: held.release.root_hash });
  await save({ ...named, checked });
  context.log.info("Checked for updates", {
    releases: checked.releases.length,
    chosen: checked.chosen ?? "none",
  });
}

/** What cannot be asked for is not offered either. */
async function forget({ state, save }: Operation): Promise<void> {
  const { checked } = state();
  if (checked === null) return;
  await save({
    ...state(),
    checked: { ...checked, chosen: null, pull_back: false, releases: [] },
  }).catch(() => undefined);
}
