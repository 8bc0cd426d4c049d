import { uptime } from "node:os";
import { InhibitorName, type InhibitorList, type InhibitorRequest } from "@ballast/model";
import type { Clock, Fs } from "@ballast/system";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

const SUFFIX = ".json";
/** More is a program that does not clean up. */
const MAX_INHIBITORS = 64;

/** A file of one: until when, in milliseconds since the machine started, so that no change of the clock moves it. */
const Inhibitor = z.strictObject({ why: z.string(), ends_at_ms: z.number() });

/** Who asks that the machine does not restart by itself; forgotten with the boot. */
export interface Inhibitors {
  /** Those in force, by name. */
  list(): Promise<InhibitorList>;
  /** Begins one, or lets it last until another time. */
  put(name: string, request: InhibitorRequest): Promise<void>;
  /** One that is not there is no error. */
  release(name: string): Promise<void>;
}

export function createInhibitors(
  fs: Fs,
  clock: Pick<Clock, "now">,
  upMs: () => number = () => uptime() * 1000,
): Inhibitors {
  const list = async (): Promise<InhibitorList> => {
    const names = (await fs.list(PATHS.inhibitors))
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .filter((name) => InhibitorName.safeParse(name).success);
    const all = await Promise.all(
      names.map(async (who) => {
        const inhibitor = await readOne(fs, who);
        const leftMs = (inhibitor?.ends_at_ms ?? 0) - upMs();
        if (inhibitor === undefined || leftMs <= 0) return [];
        const until = clock.now().add({ milliseconds: Math.ceil(leftMs) });
        return [{ who, why: inhibitor.why, until: until.toString({ smallestUnit: "second" }) }];
      }),
    );
    return all.flat();
  };
  return {
    list,
    put: async (name, { why, for_minutes }) => {
      const others = (await list()).filter(({ who }) => who !== name);
      if (others.length >= MAX_INHIBITORS)
        throw new ApiError(
          "apiserver.too-many-inhibitors",
          `Cannot hold off restarts for "${name}": ${others.length} do so already`,
          { hint: "GET /updates/inhibitors lists them." },
        );
      const inhibitor = { why, ends_at_ms: Math.round(upMs() + for_minutes * 60_000) };
      await fs.writeDurable(pathOf(name), `${JSON.stringify(inhibitor)}\n`, 0o600);
    },
    release: (name) => fs.remove(pathOf(name)),
  };
}

/** Undefined also of a file that nobody can have meant. */
async function readOne(fs: Fs, name: string) {
  try {
    return Inhibitor.parse(JSON.parse((await fs.readText(pathOf(name))) ?? ""));
  } catch {
    return undefined;
  }
}

function pathOf(name: string): string {
  return `${PATHS.inhibitors}/${name}${SUFFIX}`;
}
