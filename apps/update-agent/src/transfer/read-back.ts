import { createHash } from "node:crypto";
import type { ImageTransfer, TransferPorts } from "./image-transfer.ts";
import type { ProgressMeter } from "./progress.ts";
import { readAhead, type Span } from "./read-ahead.ts";
import { UpdateAgentError } from "../errors.ts";

const SPAN_BYTES = 1024 * 1024;

/**
 * Reads an image back and compares it as a whole. The partition is opened anew: with its last user the kernel drops what it
 * kept of a block device, so these bytes come from the disk.
 */
export async function readBack(
  { name, image, destination }: Pick<ImageTransfer, "name" | "image" | "destination">,
  meter: ProgressMeter,
  { open, signal }: Pick<TransferPorts, "open" | "signal">,
): Promise<void> {
  await using partition = await open(destination, "read");
  const whole = createHash("sha256");
  for await (const { bytes, fault } of readAhead(partition, spansOf(image.size_bytes))) {
    signal.throwIfAborted();
    if (fault !== undefined) throw fault;
    whole.update(bytes);
    meter.add(bytes.length);
  }
  if (whole.digest("hex") !== image.sha256)
    throw new UpdateAgentError(
      "update-agent.read-back",
      `Cannot trust the ${name} image in "${destination.path}": what is read back is not what was written`,
      {
        hint: "The disk does not keep what it is given: replace it. The running slot is not touched.",
      },
    );
}

function spansOf(sizeBytes: number): Span[] {
  const count = Math.ceil(sizeBytes / SPAN_BYTES);
  return Array.from({ length: count }, (_, index) => ({
    offset: index * SPAN_BYTES,
    sizeBytes: Math.min(SPAN_BYTES, sizeBytes - index * SPAN_BYTES),
  }));
}
