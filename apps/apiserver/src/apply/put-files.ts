import type { Fs } from "@ballast/system";
import { renderedPath, type FileStep } from "./plan-files.ts";

/** Takes the steps in their order; each file is replaced as a whole. */
export async function putFiles(fs: Fs, steps: readonly FileStep[]): Promise<void> {
  for (const step of steps)
    if (step.action === "write")
      await fs.writeDurable(renderedPath(step.path), step.file.text, step.file.mode);
    else await fs.remove(renderedPath(step.path));
}
