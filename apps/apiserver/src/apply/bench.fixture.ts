import { Datastore } from "@ballast/datastore";
import type { ServiceReport } from "@ballast/model";
import { createLog } from "@ballast/service";
import {
  createMemoryExec,
  createMemoryFs,
  type Clock,
  type ExecRequest,
  type Fs,
} from "@ballast/system";
import { UNCONFIGURED } from "../boot-state.ts";
import { createApplier } from "./applier.ts";
import { createLock } from "./lock.ts";
import { createTries } from "./tries.ts";

/** What a machine was really made to do, in its order. */
export type Deed =
  | { readonly do: "write" | "remove"; readonly path: string }
  | { readonly do: "systemctl"; readonly args: string };

export interface Bench {
  readonly app: ReturnType<typeof createApp>;
  readonly store: Datastore;
  readonly fs: Fs;
  readonly deeds: Deed[];
  readonly logged: string[];
  /** Units whose restart fails. */
  readonly broken: Set<string>;
  readonly stop: AbortController;
}

const ETC = "/run/ballast/etc/";

/** Database, applier and tries as the server has them, on memory. */
export function createBench(clock: Clock, fs = createMemoryFs()): Bench {
  const made = { deeds: [] as Deed[], logged: [] as string[], broken: new Set<string>() };
  const stop = new AbortController();
  const store = new Datastore({ file: ":memory:", clock });
  const recorded: Fs = {
    ...fs,
    writeDurable: async (path, text, mode) => {
      if (path.startsWith(ETC)) made.deeds.push({ do: "write", path: path.slice(ETC.length) });
      await fs.writeDurable(path, text, mode);
    },
    remove: async (path) => {
      if (path.startsWith(ETC)) made.deeds.push({ do: "remove", path: path.slice(ETC.length) });
      await fs.remove(path);
    },
  };
  const app = createApp(store, recorded, made, clock, stop.signal);
  return { ...made, app, store, fs, stop };
}

function createApp(
  store: Datastore,
  fs: Fs,
  { deeds, logged, broken }: Pick<Bench, "deeds" | "logged" | "broken">,
  clock: Clock,
  stop: AbortSignal,
) {
  const log = createLog({ write: (line) => logged.push(line), journal: false });
  const systemctl = ({ args }: ExecRequest) => {
    deeds.push({ do: "systemctl", args: args.join(" ") });
    const isBroken = args.some((unit) => broken.has(unit));
    return { exitCode: isBroken ? 1 : 0, stdout: "", stderr: isBroken ? "it broke" : "" };
  };
  const exec = createMemoryExec({ "/usr/bin/systemctl": systemctl });
  const lock = createLock();
  const reported = new Map<string, ServiceReport>();
  const parts = {
    store,
    lock,
    log,
    statusChanged: () => undefined,
    applier: createApplier({ fs, exec, log, effective: () => store.effective(), hooks: {} }),
    boot: {
      get: () => ({ ...UNCONFIGURED, isConfigured: true, services: [...reported.values()] }),
      set: async () => undefined,
      report: async (services: readonly ServiceReport[]) => {
        for (const service of services) reported.set(service.name, service);
      },
    },
  };
  const apply = async (keys: readonly string[]): Promise<ServiceReport[]> => {
    const services = await parts.applier.apply(keys);
    await parts.boot.report(services);
    return services;
  };
  return { ...parts, tries: createTries({ ...parts, clock, stop, apply }) };
}
