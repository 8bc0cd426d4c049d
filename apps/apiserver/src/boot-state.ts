import { GeneratorReport, ServiceReport } from "@ballast/model";
import type { Fs } from "@ballast/system";
import * as z from "zod";
import { PATHS } from "./paths.ts";

/** How far this boot is configured. Kept in `/run`, so that a restarted server does not begin anew. */
const BootStateSchema = z.strictObject({
  isConfigured: z.boolean(),
  /** Of the user data that was last offered in this boot. */
  userDataSource: z.string().nullable(),
  userDataError: z.string().nullable(),
  generators: z.array(GeneratorReport),
  /** The last report of each service. */
  services: z.array(ServiceReport),
});
export type BootState = z.output<typeof BootStateSchema>;

export interface BootStateKeeper {
  get(): BootState;
  set(state: BootState): Promise<void>;
  /** Takes over reports of services, in the place of their former ones. */
  report(services: readonly ServiceReport[]): Promise<void>;
}

export const UNCONFIGURED: BootState = {
  isConfigured: false,
  userDataSource: null,
  userDataError: null,
  generators: [],
  services: [],
};

export async function openBootState(fs: Fs): Promise<BootStateKeeper> {
  let state = parse(await fs.readText(PATHS.bootReport));
  const set = async (next: BootState): Promise<void> => {
    state = next;
    await fs.writeDurable(PATHS.bootReport, `${JSON.stringify(next)}\n`, 0o600);
  };
  return {
    get: () => state,
    set,
    report: (services) => {
      const merged = new Map([...state.services, ...services].map((entry) => [entry.name, entry]));
      return set({ ...state, services: [...merged.values()] });
    },
  };
}

/** A file that cannot be read back only means that this boot is configured once more. */
function parse(text: string | undefined): BootState {
  if (text === undefined) return UNCONFIGURED;
  try {
    return BootStateSchema.parse(JSON.parse(text));
  } catch {
    return UNCONFIGURED;
  }
}
