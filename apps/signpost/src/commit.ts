import type { CopyWrite } from "@ballast/gpt";
import type { DiskFile } from "./disk-file.ts";
import { SignpostError } from "./errors.ts";

/** Writes copy after copy, each flushed and compared before the next is touched. Stops at the first fault. */
export function commit(disk: DiskFile, copies: readonly CopyWrite[]): void {
  const done: string[] = [];
  for (const { copy, writes } of copies) {
    const label = copy === "protective MBR" ? copy : `${copy} copy of GPT`;
    try {
      for (const { offsetBytes, bytes } of writes) disk.write(offsetBytes, bytes);
      disk.flush();
      for (const { offsetBytes, bytes } of writes)
        if (!Buffer.from(bytes).equals(disk.read(offsetBytes, bytes.length)))
          throw new Error(`what is read at byte ${offsetBytes} is not what was written`);
    } catch (error) {
      throw new SignpostError("signpost.write-failed", `Cannot write ${label} to "${disk.path}"`, {
        cause: error,
        hint: stateAfter(done),
      });
    }
    done.push(label);
  }
}

/** By the order of the copies there is a valid one at every moment. */
function stateAfter(done: readonly string[]): string {
  return done.length === 0
    ? "The disk holds a valid copy of what was there before."
    : `Written before it and valid: ${done.join(", ")}.`;
}
