import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { WorkloadList } from "@ballast/model";

/** Puts the list into its file whenever it has changed, whole: who reads it finds the old or the new one. */
export function stateWriter(path: string): (list: WorkloadList) => Promise<void> {
  let last: string | undefined;
  return async (list) => {
    const text = `${JSON.stringify(list)}\n`;
    if (text === last) return;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
    last = text;
  };
}
