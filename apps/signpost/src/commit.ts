import type { CopyWrite } from "@ballast/gpt";
import type { DiskFile } from "./disk-file.ts";
import { SignpostError } from "./errors.ts";

/** Writes copy after copy, each flushed and compared before the next is touched. Stops at the first fault. */
export function commit(disk: DiskFile, copies: readonly CopyWrite[]): void {
  const done: string[] = [];
  for (const { copy, writes } of copies) {
    try {
      for (const { offsetBytes, bytes } of writes) disk.write(offsetBytes, bytes);
      disk.flush();
      for (const { offsetBytes, bytes } of writes)
        if (!Buffer.from(bytes).equals(disk.read(offsetBytes, bytes.length)))
          throw new Error(`what is read at byte ${offsetBytes} is not what was written`);
    } catch (error) {
      throw new SignpostError(
        "signpost.write-failed",
        `Cannot write ${copy} copy of GPT to "${disk.path}"`,
        { cause: error, hint: stateAfter(copies.length, done) },
      );
    }
    done.push(copy);
  }
}

function stateAfter(total: number, done: readonly string[]): string {
  if (total === 1) return "The other copy is valid and holds.";
  return done.length === 0
    ? "The other copy is valid and holds the old flags."
    : `The ${done.join()} copy is valid and holds the new flags.`;
}
