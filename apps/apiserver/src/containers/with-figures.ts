import type { ContainerFigures, ContainerList, WorkloadList } from "@ballast/model";
import { SystemError, type Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

const MAX_BYTES = 16_384;
const NOTHING: ContainerFigures = { cpu_usage_us: null, memory_bytes: null, pids: null };

/**
 * What each container uses now, read from its control group (version 2): only who asks pays for the answer, and nobody
 * between the kernel and the API has to be awake.
 */
export function withFigures(fs: Fs, list: WorkloadList): Promise<ContainerList> {
  return Promise.all(
    list.map(async ({ cgroup, ...one }) => {
      const figures = cgroup === null ? NOTHING : await figuresOf(fs, `${PATHS.cgroups}${cgroup}`);
      return { ...one, ...figures };
    }),
  );
}

async function figuresOf(fs: Fs, folder: string): Promise<ContainerFigures> {
  const [cpu, memory, memoryParts, pids] = await Promise.all(
    ["cpu.stat", "memory.current", "memory.stat", "pids.current"].map((name) =>
      readIfThere(fs, `${folder}/${name}`),
    ),
  );
  return {
    cpu_usage_us: field(cpu, "usage_usec"),
    memory_bytes: workingSet(numberOf(memory), field(memoryParts, "inactive_file")),
    pids: numberOf(pids),
  };
}

/** What the kernel could not take back without anybody noticing, as orchestrators count. */
function workingSet(used: number | null, inactive: number | null): number | null {
  return used === null ? null : Math.max(0, used - (inactive ?? 0));
}

function field(text: string | undefined, name: string): number | null {
  const line = text?.split("\n").find((one) => one.startsWith(`${name} `));
  return numberOf(line?.slice(name.length + 1));
}

function numberOf(text: string | undefined): number | null {
  const digits = text?.trim() ?? "";
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** A container may end at any moment: its files are gone then, or there is no device behind one that was just opened. */
async function readIfThere(fs: Fs, path: string): Promise<string | undefined> {
  try {
    return await fs.readText(path, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (error instanceof SystemError && isGone(error.cause)) return undefined;
    throw error;
  }
}

function isGone(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENODEV";
}
