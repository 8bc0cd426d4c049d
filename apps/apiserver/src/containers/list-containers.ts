import { WorkloadList, type Settings, type WorkloadStatus } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** Every container of the settings, and what else there still is, by name, as the manager of containers saw it last. */
export async function listContainers(
  fs: Fs,
  wanted: Settings["containers"],
): Promise<WorkloadList> {
  const seen = new Map((await readState(fs)).map((status) => [status.name, status]));
  for (const [name, { image, enabled }] of Object.entries(wanted)) {
    const known = seen.get(name);
    // What the manager has not looked at yet is new, whatever ran under its name before.
    if (known?.image === image) continue;
    if (known !== undefined && !enabled) continue;
    seen.set(name, unseen(name, image, enabled));
  }
  return [...seen.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function unseen(name: string, image: string, enabled: boolean): WorkloadStatus {
  return {
    name,
    kind: "workload",
    state: enabled ? "starting" : "disabled",
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

/** Empty before the manager has begun. */
async function readState(fs: Fs): Promise<WorkloadList> {
  const text = await fs.readText(PATHS.containersState);
  if (text === undefined) return [];
  try {
    return WorkloadList.parse(JSON.parse(text));
  } catch (cause) {
    throw new ApiError(
      "apiserver.cannot-look",
      `Cannot read "${PATHS.containersState}": it is not what host-containers writes`,
      { cause },
    );
  }
}
