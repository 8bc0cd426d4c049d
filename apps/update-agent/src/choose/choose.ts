import type { UpdateAgentConfig, UpdateObstacle, UpdateRequest } from "@ballast/model";
import {
  chooseUpdate,
  SEED_COUNT,
  type Choice,
  type Manifest,
  type Obstacle,
} from "@ballast/updates";
import type { Running } from "../machine/running.ts";
import type { State } from "../state/state.ts";

/** What decides besides the manifest. */
export interface Circumstances {
  readonly running: Running;
  readonly state: Pick<State, "failed">;
  readonly config: Pick<UpdateAgentConfig, "seed" | "version_lock" | "ignore_waves">;
  readonly selector: number;
  readonly nowMs: number;
}

/** What this machine is to take, by the settings and what is asked for beyond them. Pure. */
export function choose(
  manifest: Manifest,
  { running, state, config, selector, nowMs }: Circumstances,
  request: Pick<UpdateRequest, "version" | "ignore_waves" | "force">,
): Choice {
  const machine = {
    ...running.image,
    // Until it has one of its own, it is the last to take its turn.
    seed: config.seed ?? SEED_COUNT - 1,
    selector,
    failed: new Set(state.failed.map(({ version }) => version)),
  };
  return chooseUpdate(manifest, machine, {
    version: (request.version ?? config.version_lock).replace(/^v/, ""),
    ignoreWaves: config.ignore_waves || request.ignore_waves === true,
    force: request.force === true,
    nowMs,
  });
}

/** As the API tells it. */
export function obstacleForApi(obstacle: Obstacle | undefined): UpdateObstacle | null {
  if (obstacle?.kind === "withdrawn")
    return { kind: "withdrawn", max_version: obstacle.maxVersion };
  if (obstacle?.kind === "wave") return { kind: "wave", ready_at: timeText(obstacle.readyAtMs) };
  return obstacle ?? null;
}

type ObstacleOf<Kind extends Obstacle["kind"]> = Extract<Obstacle, { readonly kind: Kind }>;

const TEXTS: { readonly [Kind in Obstacle["kind"]]: (obstacle: ObstacleOf<Kind>) => string } = {
  current: () => "it runs already",
  older: () => "it is older than what runs",
  withdrawn: ({ maxVersion }) => `it was withdrawn, the newest allowed is ${maxVersion}`,
  locked: ({ version }) => `the settings lock the version to ${version}`,
  "failed-here": () => "it failed on this machine before",
  selector: ({ needs }) => `it needs a slot selector of version ${needs}`,
  wave: ({ readyAtMs }) => `this machine's turn is at ${timeText(readyAtMs)}`,
};

/** Why it cannot be taken, as the end of a sentence. */
export function obstacleText<Kind extends Obstacle["kind"]>(obstacle: ObstacleOf<Kind>): string {
  const text: (obstacle: ObstacleOf<Kind>) => string = TEXTS[obstacle.kind];
  return text(obstacle);
}

function timeText(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toString();
}
