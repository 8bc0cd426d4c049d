import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Channel } from "@ballast/containerd";
import type { ContainersLab } from "@ballast/testkit/containers";
import { JournalStandIn } from "./journal-stand-in.ts";
import { startLabWithRegistry, type LabWithRegistry } from "./lab.ts";

const REPOSITORY = join(import.meta.dirname, "../../../..");
const CONFIG = "images/standalone/rootfs/etc/containerd/host.toml";
const FIXTURES = join(import.meta.dirname, "../fixtures/lab");
const START_LIMIT_MS = 30_000;

type Program = ReturnType<ContainersLab["namespaces"]["start"]>;

/** What a lab has where host containers run: their containerd, and a journal. */
export interface HostLab extends LabWithRegistry {
  readonly channel: Channel;
  readonly journal: JournalStandIn;
  startHostContainerd(): Promise<void>;
  stopHostContainerd(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export async function startHostLab(): Promise<HostLab> {
  const world = await startLabWithRegistry();
  const { lab } = world;
  const socket = lab.path("run/host-containerd/containerd.sock");
  const journal = new JournalStandIn(lab.path("run/systemd/journal/stdout"));
  await journal.start();
  await copyFile(join(REPOSITORY, CONFIG), lab.path("var/host.toml"));
  await mkdir(lab.path("var/bin"));
  for (const name of ["runc", "host-containerd"])
    await copyFile(join(FIXTURES, name), lab.path(`var/bin/${name}`));
  await mkdir(lab.path("run/ballast/etc/pki"), { recursive: true });
  await mkdir(lab.path("run/ballast/host-containers"), { recursive: true });
  let containerd: Program | undefined;
  const channel = new Channel(socket);
  return {
    ...world,
    channel,
    journal,
    startHostContainerd: async () => {
      await rm(socket, { force: true });
      containerd = lab.namespaces.start(["/var/bin/host-containerd"]);
      await containerd.waitFor("successfully booted", START_LIMIT_MS);
    },
    stopHostContainerd: async (signal) => containerd?.end(signal),
    [Symbol.asyncDispose]: async () => {
      channel[Symbol.dispose]();
      await journal.stop();
      await world[Symbol.asyncDispose]();
    },
  };
}

const DEFAULTS = { enabled: true, superpowered: false, "api-role": "none", resources: {} };

/** Puts the wanted host containers where the API server renders them, as it does: by one rename. */
export async function wantHost(
  lab: ContainersLab,
  containers: Readonly<Record<string, object>>,
): Promise<void> {
  const whole = Object.entries(containers).map(([name, one]) => [name, { ...DEFAULTS, ...one }]);
  const text = JSON.stringify({ "host-containers": Object.fromEntries(whole) });
  const path = lab.path("run/ballast/etc/host-containers.json");
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
