import { EXIT } from "@ballast/errors";
import type { Release } from "@ballast/updates";
import { notAllowed } from "../commands/not-allowed.ts";
import { UpdateAgentError, type UpdateAgentErrorCode } from "../errors.ts";
import { IMAGE_NAMES, type ImageName, type PartitionPlace } from "../machine/partitions.ts";
import { bootsNext, otherSlot, type Slots } from "../machine/slots.ts";

/** What would refuse to write this release to the other slot, worst first; before anything is written. Pure. */
export function prepareObstacles(
  release: Release,
  slots: Slots,
  partitions: Readonly<Record<ImageName, PartitionPlace>>,
): UpdateAgentError[] {
  const { running, other } = slots;
  const name = otherSlot(slots.active);
  const act = `Cannot prepare ${release.version}`;
  const faults: UpdateAgentError[] = [];
  if (slots.conflict !== null)
    faults.push(refusal("update-agent.slot-conflict", `${act}: ${slots.conflict}`));
  if (bootsNext(slots)) faults.push(notAllowed("prepare", "Ready"));
  if (!running.successful && (other.successful || other.qualifies))
    faults.push(
      refusal(
        "update-agent.fallback-needed",
        `${act}: the running slot is not marked successful, so slot ${name} is what the machine falls back to`,
        "Wait until the machine is healthy.",
      ),
    );
  if (release.root_hash === running.root_hash)
    faults.push(
      refusal(
        "update-agent.same-root",
        `${act}: its root is the one that runs, and no two slots can have the same`,
      ),
    );
  for (const image of IMAGE_NAMES) {
    const { size_bytes: needed } = release.images[image];
    const { sizeBytes: available } = partitions[image];
    if (needed > available)
      faults.push(
        refusal(
          "update-agent.no-space",
          `${act}: its ${image} image has ${needed} bytes, the partition of slot ${name} ${available}`,
          "It is meant for disks that were laid out anew.",
        ),
      );
  }
  return faults;
}

function refusal(code: UpdateAgentErrorCode, message: string, hint?: string): UpdateAgentError {
  return new UpdateAgentError(code, message, {
    exitCode: EXIT.failed,
    ...(hint === undefined ? {} : { hint }),
  });
}
