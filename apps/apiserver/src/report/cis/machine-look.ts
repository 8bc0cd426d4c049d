import type { Settings } from "@ballast/model";
import type { Exec, Fs } from "@ballast/system";
import { ApiError } from "../../api-error.ts";
import { systemctl } from "../../apply/systemctl.ts";
import { listUnits, type UnitState } from "../../health/unit-states.ts";
import { PATHS } from "../../paths.ts";
import { parseRules, type FirewallRules } from "./firewall-rules.ts";
import { parseMounts, type Mount } from "./mounts.ts";

export type FirewallProgram = "iptables" | "ip6tables";

/** All that checks can look at. Whatever cannot be seen is an error, never an empty answer. */
export interface MachineLook {
  /** Text of a file, trimmed. */
  text(path: string): Promise<string>;
  /** Value of a kernel parameter, by its path below /proc/sys. */
  sysctl(name: string): Promise<string>;
  /** Names in a directory, which must not be empty. */
  names(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  /** Permission bits. */
  mode(path: string): Promise<number>;
  /** Mounts of the machine, not of this server's own view of it. */
  mounts(): Promise<readonly Mount[]>;
  units(): Promise<readonly UnitState[]>;
  firewall(program: FirewallProgram): Promise<FirewallRules>;
  settings(): Settings;
}

export interface LookParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly settings: () => Settings;
}

/** For one report: what several checks need is looked at once. */
export function createMachineLook({ fs, exec, settings }: LookParts): MachineLook {
  const text = async (path: string): Promise<string> => {
    const found = await fs.readText(path);
    if (found === undefined) throw absent(path);
    return found.trim();
  };
  const once = new Map<string, Promise<unknown>>();
  const remember = async <Value>(key: string, look: () => Promise<Value>): Promise<Value> => {
    const found = once.get(key) ?? look();
    once.set(key, found);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one look per key
    return (await found) as Value;
  };
  return {
    text,
    sysctl: (name) => text(`${PATHS.kernelParameters}/${name}`),
    names: async (path) => {
      const names = await fs.list(path);
      if (names.length === 0) throw absent(path);
      return names;
    },
    exists: (path) => fs.exists(path),
    mode: async (path) => {
      const mode = await fs.mode(path);
      if (mode === undefined) throw absent(path);
      return mode;
    },
    mounts: () => remember("mounts", async () => parseMounts(await text(PATHS.mounts))),
    units: () => remember("units", () => listUnits(exec)),
    firewall: (program) =>
      remember(program, async () => {
        // To see rules takes a capability that this server must not have, so a unit looks.
        await systemctl(exec, "start", [`firewall-state@${program}.service`]);
        return parseRules(await text(`${PATHS.firewallRules}-${program}.rules`));
      }),
    settings,
  };
}

function absent(path: string): ApiError {
  return new ApiError("apiserver.cannot-look", `Cannot look: "${path}" does not exist`);
}
