import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { WorkloadList } from "@ballast/model";
import { isRecord } from "../hash-of.ts";

/** How containers are, for the API server, and for the next manager. */
export interface StateFile {
  /** What workloads ended with, by name, as the manager before this one wrote it. */
  readonly exitCodes: ReadonlyMap<string, number>;
  /** Puts the list into the file whenever it has changed, whole: who reads it finds the old or the new one. */
  write(list: WorkloadList): Promise<void>;
}

/** A file that is not there, or cannot be read, is as an empty one: it holds nothing that cannot be missed. */
export async function openStateFile(path: string): Promise<StateFile> {
  const before = await readFile(path, "utf8").catch(() => "");
  let last: string | undefined;
  return {
    exitCodes: exitCodesIn(before),
    write: async (list) => {
      const text = `${JSON.stringify(list)}\n`;
      if (text === last) return;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
      last = text;
    },
  };
}

function exitCodesIn(text: string): Map<string, number> {
  const codes = new Map<string, number>();
  for (const one of listIn(text)) {
    const { name, kind, exit_code: code } = isRecord(one) ? one : {};
    if (kind === "workload" && typeof name === "string" && typeof code === "number")
      codes.set(name, code);
  }
  return codes;
}

function listIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
