import { WorkloadList, type Settings, type WorkloadStatus } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** Every container of the settings, and what else there still is, by name, as those who run them saw them last. */
export async function listContainers(fs: Fs, settings: Settings): Promise<WorkloadList> {
  const states = await Promise.all(FILES.map((path) => readState(fs, path)));
  const seen = new Map(states.flat().map((status) => [keyOf(status), status]));
  for (const wanted of wantedOf(settings)) {
    const known = seen.get(keyOf(wanted));
    // What nobody has looked at yet is new, whatever ran under its name before.
    if (known?.image === wanted.image) continue;
    if (known !== undefined && wanted.state === "disabled") continue;
    seen.set(keyOf(wanted), unseen(wanted));
  }
  return [...seen.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const FILES = [PATHS.containersState, PATHS.hostState, PATHS.bootstrapState];

type Wanted = Pick<WorkloadStatus, "kind" | "name" | "image" | "state">;

function wantedOf(settings: Settings): Wanted[] {
  const workloads = Object.entries(settings.containers).map(([name, { image, enabled }]) => ({
    ...({ kind: "workload", name, image } as const),
    state: enabled ? ("starting" as const) : ("disabled" as const),
  }));
  const hosts = Object.entries(settings["host-containers"]).map(([name, { source, enabled }]) => ({
    ...({ kind: "host", name, image: source } as const),
    state: enabled ? ("starting" as const) : ("disabled" as const),
  }));
  // Those run when the machine starts, and only then.
  const bootstraps = Object.entries(settings["bootstrap-containers"]).map(
    ([name, { source, mode }]) => ({
      ...({ kind: "bootstrap", name, image: source } as const),
      state: mode === "off" ? ("disabled" as const) : ("waiting" as const),
    }),
  );
  return [...workloads, ...hosts, ...bootstraps];
}

/** Sorts by name. */
function keyOf({ name, kind }: Pick<WorkloadStatus, "kind" | "name">): string {
  return `${name} ${kind}`;
}

function unseen({ name, kind, image, state }: Wanted): WorkloadStatus {
  return {
    name,
    kind,
    state,
    since: null,
    restarts: 0,
    exit_code: null,
    health: "none",
    health_reason: null,
    image,
    digest: null,
    reason: null,
    next_try: null,
    cgroup: null,
  };
}

/** Empty before host-containers has begun. */
async function readState(fs: Fs, path: string): Promise<WorkloadList> {
  const text = await fs.readText(path);
  if (text === undefined) return [];
  try {
    return WorkloadList.parse(JSON.parse(text));
  } catch (cause) {
    throw new ApiError(
      "apiserver.cannot-look",
      `Cannot read "${path}": it is not what host-containers writes`,
      { cause },
    );
  }
}
