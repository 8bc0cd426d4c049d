import { HostContainersError } from "../errors.ts";
import { failureReason } from "../workloads/failure-reason.ts";
import type { Edge } from "../workloads/perform.ts";
import type { Workload } from "../workloads/workload.ts";

/** One try; the next goes on where it ended. */
const PULL_LIMIT_MS = 15 * 60_000;
/** With the image at hand a registry that does not answer must not keep the container from starting. */
const REFRESH_LIMIT_MS = 30_000;

export interface PreparedImage {
  readonly id: string;
  /** Why it may not be the newest. */
  readonly staleReason?: string;
}

/** Makes the image ready. A registry that fails is no reason not to start what is there. */
export async function prepareImage(
  { images, puller, log, signal }: Edge,
  { name, spec }: Workload,
): Promise<PreparedImage> {
  const image = { image: spec.image };
  const act = `pull image "${spec.image}"`;
  const { image: cached } = await images.imageStatus({ image }, { signal, act });
  // A digest says all: what is there is what the registry would give.
  if (cached !== undefined && spec.image.includes("@")) return { id: cached.id };
  const timeoutMs = cached === undefined ? PULL_LIMIT_MS : REFRESH_LIMIT_MS;
  try {
    const id = await puller.pull(spec.image, { signal, act, timeoutMs });
    if (id !== "") return { id };
  } catch (error) {
    if (cached === undefined || signal.aborted) throw error;
    const reason = failureReason(error);
    log.warn("Using the image that is here", { container: name, reason });
    return { id: cached.id, staleReason: `Uses the image that is here: ${reason}` };
  }
  throw new HostContainersError(
    "host-containers.bad-image",
    `Cannot ${act}: containerd does not say what it pulled`,
  );
}
