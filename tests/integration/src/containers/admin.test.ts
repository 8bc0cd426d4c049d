import { link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@ballast/containerd";
import { Tasks } from "@ballast/containerd/services";
import {
  ADMIN_ARCHIVE,
  makeSshKey,
  unpackAdminImage,
  type ProgramEnded,
} from "@ballast/testkit/containers";
import { ExecaError } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startMachine, type Machine } from "../machine.ts";
import { startHostLab, wantHost, type HostLab } from "./host-lab.ts";
import { CAN_RUN_LAB } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

/** As the archive is named in containerd: there is no such registry, what is there is used. */
const IMAGE = "ballast.local/admin:0.1.0-dev";
const API = "run/ballast/host-containers/admin";
const STORAGE = "var/lib/ballast-containers/host/admin";
const KEYS = "/.ballast/host-containers/current";
const CTR = ["ctr", "-a", "/run/host-containerd/containerd.sock", "-n", "k8s.io"];
const SOON = { timeout: 60_000 } as const;

let world: HostLab;
let machine: Machine;
let manager: RunningManager;
/** Of the container, as the lab counts. */
let pid: number;

beforeAll(async () => {
  world = await startHostLab();
  const { lab } = world;
  machine = await startMachine();
  const entry = { source: IMAGE, enabled: true, "api-role": "admin" };
  await machine.set({ "host-containers": { admin: entry } });
  await mkdir(lab.path(API), { recursive: true });
  await link(join(machine.root, API, "api.sock"), lab.path(join(API, "api.sock")));
  await want(lab, {});
  await wantHost(lab, {});
  manager = await startManager(lab);
  await world.startHostContainerd();
  await rm(lab.path("var/admin.tar"), { force: true });
  await link(ADMIN_ARCHIVE, lab.path("var/admin.tar"));
  await lab.namespaces.run([...CTR, "images", "import", "/var/admin.tar"]);
  const line = await makeKeys();
  const userData = JSON.stringify({ ssh: { "authorized-keys": [line] } });
  await wantHost(lab, {
    admin: {
      ...entry,
      superpowered: true,
      "user-data": Buffer.from(userData).toString("base64"),
    },
  });
  const isListening = () => world.journal.textOf("host-admin").includes("Server listening");
  await vi.waitUntil(isListening, SOON);
  const tasks = createClient(Tasks, world.channel, { namespace: "k8s.io" });
  ({ pid = 0 } = (await tasks.get({ containerId: "host-admin" })).process ?? {});
}, 180_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  await machine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Puts two keys where the container finds them, and gives the line of the good one. */
async function makeKeys(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ballast-keys-"));
  try {
    await using image = await unpackAdminImage();
    await mkdir(world.lab.path(STORAGE), { recursive: true, mode: 0o700 });
    const make = async (name: string): Promise<string> => {
      const { secret, line } = await makeSshKey(image, folder, name);
      await writeFile(world.lab.path(join(STORAGE, name)), secret, { mode: 0o600 });
      return line;
    };
    await make("other");
    return await make("good");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Logs in from the machine's network, with the image's own ssh, which BusyBox of the image finds. */
async function login(key: string, command: string): Promise<ProgramEnded> {
  const options = ["StrictHostKeyChecking=no", "BatchMode=yes", "LogLevel=ERROR"];
  const ssh = ["ssh", ...options.flatMap((option) => ["-o", option]), "-i", `${KEYS}/${key}`];
  const busybox = `/proc/${pid}/root/usr/bin/busybox`;
  const enter = [busybox, "nsenter", "-t", String(pid), "-m", "--", ...ssh];
  try {
    const stdout = await world.lab.namespaces.run([...enter, "admin@127.0.0.1", command]);
    return { exitCode: 0, stdout, stderr: "" };
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const { exitCode = -1, stdout, stderr } = error;
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }
}

describe.runIf(CAN_RUN_LAB)("the admin container of the settings", { timeout: 60_000 }, () => {
  it("lets in who has the key, as root if wanted, and nobody else", async () => {
    expect(await login("good", "id -un")).toMatchObject({ stdout: "admin" });
    expect(await login("good", "sudo id -un")).toMatchObject({ stdout: "root" });
    expect(await login("other", "id -un")).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining("Permission denied (publickey)"),
    });
  });

  it("enters the namespaces of the machine, which has no shell", async () => {
    // Process 1 of the lab is the probe.
    expect(await login("good", "enter-host cat /proc/1/comm")).toMatchObject({ stdout: "probe" });
    const kinds = "mnt net pid ipc uts cgroup";
    const both = "$(readlink /proc/1/ns/$kind) $(readlink /proc/self/ns/$kind)";
    const script = `for kind in ${kinds}; do echo ${both}; done`;
    const lines = (await login("good", `enter-host sh -c '${script}'`)).stdout.split("\n");
    expect(lines).toHaveLength(kinds.split(" ").length);
    for (const line of lines) expect(line).toMatch(/^(\S+) \1$/);
    // Its own programs come first, then BusyBox's; neither needs a PATH of the container.
    expect((await login("good", "enter-host runc --version")).stdout).toContain("runc version");
    const shell = await login(
      "good",
      "echo 'ls /usr/bin | grep -x -e ballast -e bash' | enter-host",
    );
    expect(shell.stdout).toBe("ballast");
  });

  it("calls the API by the container's socket", async () => {
    expect(await login("good", "apiclient set motd=Hello")).toMatchObject({ exitCode: 0 });
    expect(machine.read("run/ballast/etc/motd")).toContain("Hello");
  });
});
