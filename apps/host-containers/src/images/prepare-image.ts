import { describeError } from "@ballast/errors";
import { HostContainersError } from "../errors.ts";
import type { Edge } from "../workloads/perform.ts";
import type { Workload } from "../workloads/workload.ts";

const PULL_LIMIT_MS = 15 * 60_000;
/** With the image at hand a registry that does not answer must not keep the container from starting. */
const REFRESH_LIMIT_MS = 30_000;

/** Makes the image ready and returns its id. A registry that fails is no reason not to start what is there. */
export async function prepareImage(
  { images, log, signal }: Edge,
  { name, spec }: Workload,
): Promise<string> {
  const image = { image: spec.image };
  const act = `pull image "${spec.image}"`;
  const { image: cached } = await images.imageStatus({ image }, { signal, act });
  // A digest says all: what is there is what the registry would give.
  if (cached !== undefined && spec.image.includes("@")) return cached.id;
  const timeoutMs = cached === undefined ? PULL_LIMIT_MS : REFRESH_LIMIT_MS;
  try {
    const { imageRef } = await images.pullImage({ image }, { signal, act, timeoutMs });
    if (imageRef !== "") return imageRef;
  } catch (error) {
    if (cached === undefined || signal.aborted) throw error;
    log.warn("Using the image that is here", { container: name, reason: describeError(error) });
    return cached.id;
  }
  throw new HostContainersError(
    "host-containers.bad-image",
    `Cannot ${act}: containerd does not say what it pulled`,
  );
}
