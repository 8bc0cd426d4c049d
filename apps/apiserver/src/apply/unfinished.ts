import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/**
 * Services whose files were changed and whose units do not yet have them. Kept in `/run`: a server that was killed between
 * the two finds files that no longer differ, and must bring the units up to date all the same.
 */
export interface Unfinished {
  has(service: string): Promise<boolean>;
  add(service: string): Promise<void>;
  delete(service: string): Promise<void>;
}

export function createUnfinished(fs: Fs): Unfinished {
  const at = (service: string): string => `${PATHS.unfinished}/${service}`;
  return {
    has: (service) => fs.exists(at(service)),
    add: async (service) => {
      await fs.writeDurable(at(service), "", 0o600);
    },
    delete: async (service) => {
      if (await fs.exists(at(service))) await fs.remove(at(service));
    },
  };
}
