import { describeError } from "@ballast/errors";
import { errorFields } from "@ballast/service";
import { HostContainersError } from "../errors.ts";
import { failureReason } from "../workloads/failure-reason.ts";
import type { Edge } from "../workloads/perform.ts";
import type { ArchivedImages } from "./archived-images.ts";
import { isDiskFull } from "./pull-fault.ts";

const PULL_LIMIT_MS = 15 * 60_000;
/** With the image at hand a registry that does not answer must not keep the container from starting. */
const REFRESH_LIMIT_MS = 30_000;

export interface PreparedImage {
  readonly id: string;
  /** Why it may not be the newest. */
  readonly staleReason?: string;
}

/** What it takes to get an image into one containerd. */
export type ImageEdge = Pick<
  Edge,
  "images" | "pulls" | "puller" | "collector" | "log" | "signal"
> & {
  /** Absent where images must be unpacked before containers are made of them: an import leaves that to the CRI. */
  readonly archives?: ArchivedImages;
};

/** Makes the image ready. A registry that fails is no reason not to start what is there. */
export async function prepareImage(
  edge: ImageEdge,
  { name, image: reference }: { readonly name: string; readonly image: string },
): Promise<PreparedImage> {
  const { images, pulls, puller, log, signal } = edge;
  const image = { image: reference };
  const act = `pull image "${reference}"`;
  const look = async () => (await images.imageStatus({ image }, { signal, act })).image;
  const cached =
    (await look()) ?? ((await bringArchived(edge, reference)) ? await look() : undefined);
  // A digest says all: what is there is what the registry would give.
  if (cached !== undefined && reference.includes("@")) return { id: cached.id };
  const timeoutMs = cached === undefined ? PULL_LIMIT_MS : REFRESH_LIMIT_MS;
  const turn =
    cached === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const id = await pulls.run(reference, turn, () =>
      puller.pull(reference, { signal, act, timeoutMs }),
    );
    if (id !== "") return { id };
  } catch (error) {
    if (signal.aborted) throw error;
    const fault = isDiskFull(describeError(error)) ? await makeRoom(edge, act, error) : error;
    if (cached === undefined) throw fault;
    const reason = failureReason(fault);
    log.warn("Using the image that is here", { container: name, reason });
    return { id: cached.id, staleReason: `Uses the image that is here: ${reason}` };
  }
  throw new HostContainersError(
    "host-containers.bad-image",
    `Cannot ${act}: containerd does not say what it pulled`,
  );
}

/** What came with the machine needs no registry. One that cannot be imported may still be pulled. */
async function bringArchived(edge: ImageEdge, reference: string): Promise<boolean> {
  const { archives, collector, log, signal } = edge;
  await collector.collect();
  try {
    return (await archives?.bring(reference)) ?? false;
  } catch (error) {
    if (signal.aborted) throw error;
    const act = `import image "${reference}"`;
    const fault = isDiskFull(describeError(error)) ? await makeRoom(edge, act, error) : error;
    log.error("Cannot import an image that came with the machine", errorFields(fault));
    return false;
  }
}

/** Room for the next try; the error says what became of this one. */
async function makeRoom(
  { puller, collector, signal }: ImageEdge,
  act: string,
  cause: unknown,
): Promise<Error> {
  // What other pulls left, too: they begin anew.
  await puller.keepOnly([], signal);
  const count = await collector.collectAll();
  const removed =
    count === 1 ? "1 unused image was removed" : `${count} unused images were removed`;
  return new HostContainersError(
    "host-containers.no-space",
    `Cannot ${act}: no space left on the disk; ${count === 0 ? "no image is unused" : removed}`,
    { cause },
  );
}
