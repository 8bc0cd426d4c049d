import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, RuntimeService } from "@ballast/containerd/cri";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, SOON, startLabWithRegistry, type LabWithRegistry } from "./lab.ts";
import { importLayered } from "./layered-image.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const IMAGE = "lab.local/isolation:1";
/** Of the probe, when the kernel refuses. */
const REFUSED = 111;

let world: LabWithRegistry;
let lab: ContainersLab;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;

beforeAll(async () => {
  world = await startLabWithRegistry();
  ({ lab } = world);
  channel = new Channel(lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await importLayered(lab, {
    reference: IMAGE,
    config: { Entrypoint: ["/probe"] },
    layers: [{ "/probe": "", "/setuid": "" }],
  });
  // What the machine has and no workload may reach.
  await mkdir(lab.path("run/ballast"), { recursive: true });
  await writeFile(lab.path("var/secret"), "secret");
  const one = { image: IMAGE, args: ["hold"], volumes: { data: { path: "/data" } } };
  await want(lab, {
    root: one,
    user: { ...one, user: "1000:1000", volumes: {} },
    raw: { ...one, "extra-capabilities": ["NET_RAW"], volumes: {} },
  });
  manager = await startManager(lab);
  for (const name of ["root", "user", "raw"]) await vi.waitUntil(() => running(name), SOON);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

async function running(name: string): Promise<string | undefined> {
  const filter = { labelSelector: { "ballast.container": name } };
  const { containers } = await runtime.listContainers({ filter });
  return containers.find(({ state }) => state === ContainerState.CONTAINER_RUNNING)?.id;
}

async function exec(name: string, ...cmd: string[]) {
  const containerId = (await running(name)) ?? "";
  const { exitCode, stdout } = await runtime.execSync({ containerId, cmd, timeout: 10n });
  return { exitCode, lines: Buffer.from(stdout).toString().split("\n").filter(Boolean) };
}

/** With what an attempt may fail: with EPERM where nothing is told. What is masked or not there at all has other words. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  core_pattern: ["EROFS", "EACCES"],
  sysrq: ["EROFS", "EACCES", "ENOENT"],
  control_group: ["EROFS", "EACCES", "ENOENT"],
  device_of_sys: ["EROFS", "EACCES"],
  memory: ["ENODATA", "ENOENT", "EACCES"],
  keys: ["ENODATA"],
  timers: ["ENODATA"],
  // Libraries take clone instead.
  child_users_anew: ["ENOSYS"],
  api: ["ENOENT"],
  manager: ["ENOENT"],
  containerd: ["ENOENT"],
  bus: ["ENOENT"],
  // Root of a container is root already, and has none of root's rights.
  root: ["EPERM", "EALREADY"],
  privileges: ["EINVAL"],
};

describe.runIf(CAN_RUN_LAB)("a workload", { timeout: 60_000 }, () => {
  it.each([
    ["root", "/probe"],
    ["user", "/probe"],
    // Set-user-ID root in the image.
    ["user", "/setuid"],
  ])(
    "as %s does not become more than it is, nor leave its container (%s)",
    async (name, program) => {
      const { exitCode, lines } = await exec(name, program, "attempt");
      const unexpected = lines.filter((line) => {
        const [attempt = "", reason = ""] = line.split(" ");
        return !(REASONS[attempt] ?? ["EPERM"]).includes(reason);
      });
      expect({ exitCode, unexpected }).toEqual({ exitCode: 0, unexpected: [] });
      expect(lines.length).toBeGreaterThan(40);
    },
  );

  it("would have these attempts succeed if it had the rights", async () => {
    const { exitCode, lines } = await exec("raw", "/probe", "attempt");
    expect(lines.filter((line) => line.endsWith(" succeeds"))).toEqual([
      "raw succeeds",
      "frames succeeds",
    ]);
    expect(exitCode).toBe(2);
  });

  it("writes to its volumes, and to nothing else that outlives it", async () => {
    expect((await exec("root", "/probe", "put", "/data/x", "mine")).exitCode).toBe(0);
    const volumes = lab.path("var/lib/ballast-containers/volumes");
    expect(await readFile(`${volumes}/data/x`, "utf8")).toBe("mine");
    const elsewhere = ["/x", "/etc/x", "/etc/hosts", "/etc/resolv.conf", "/data/../x", "/probe"];
    for (const path of [...elsewhere, "/proc/1/root/x", "/proc/1/cwd/x"])
      expect([path, (await exec("root", "/probe", "put", path, "x")).exitCode]).toEqual([
        path,
        REFUSED,
      ]);
  });

  it("is led nowhere by a link in its volume, which the machine would follow", async () => {
    await symlink("/var/secret", lab.path("var/lib/ballast-containers/volumes/data/link"));
    expect((await exec("root", "/probe", "show", "/data/link")).exitCode).toBe(REFUSED);
    expect((await exec("root", "/probe", "put", "/data/link", "x")).exitCode).toBe(REFUSED);
    expect(await readFile(lab.path("var/secret"), "utf8")).toBe("secret");
  });

  it("sees its own processes only", async () => {
    const { lines } = await exec("root", "/probe", "list", "/proc");
    const processes = lines.filter((line) => /^\d+$/.test(line)).map(Number);
    // Itself, and what lists.
    expect(processes).toEqual([1, expect.any(Number)]);
    expect((await exec("root", "/probe", "show", "/proc/1/cmdline")).lines).toEqual([
      "/probe\0hold\0",
    ]);
  });

  it("has its own network only, without the sockets that others name there", async () => {
    const cards = (await exec("root", "/probe", "list", "/sys/class/net")).lines;
    expect(cards.toSorted()).toEqual(["eth0", "lo"]);
    const { lines } = await exec("root", "/probe", "show", "/proc/net/unix");
    expect(lines).toHaveLength(1);
  });

  it("has the devices of every program, and no open file of the machine", async () => {
    const devices = (await exec("root", "/probe", "list", "/dev")).lines.toSorted();
    const streams = ["fd", "stderr", "stdin", "stdout"];
    const usual = ["full", "null", "ptmx", "random", "tty", "urandom", "zero"];
    expect(devices).toEqual([...streams, ...usual, "mqueue", "pts", "shm"].toSorted());
    // The last is the folder that is listed.
    const open = (await exec("root", "/probe", "list", "/proc/self/fd")).lines;
    expect(open).toEqual(["0", "1", "2", "3"]);
  });
});
