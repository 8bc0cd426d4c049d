import { Channel, createClient } from "@ballast/containerd";
import {
  encodeSpec,
  hostSpec,
  readImage,
  readImageFile,
  readImageUser,
  readLastCapability,
  seccompProfile,
  type HostSpecOptions,
  type LayerMount,
  type Privileges,
  type RuntimeSpec,
} from "@ballast/containerd/oci";
import { Containers, Leases, Snapshots, Tasks } from "@ballast/containerd/services";
import type { ContainersLab } from "@ballast/testkit/containers";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, startLab } from "./lab.ts";
import { applyDifferences, OWN_MOUNT } from "./oci-differences.ts";
import { importLayered, type LayeredImage } from "./layered-image.ts";

const NAMESPACE = "k8s.io";
/** Holds the snapshots: containerd collects what nothing refers to. */
const SCOPE = { namespace: NAMESPACE, lease: "tests" };
const SNAPSHOTTER = "overlayfs";

const ACCOUNTS = {
  "/etc/passwd": "root:x:0:0::/:\napp:x:1000:1001::/:\nother:x:1002:7::/:\n",
  "/etc/group": "root:x:0:\nstaff:x:50:other,app\ndisk:x:6:root,app\nweb:x:1001:\n",
};

const IMAGES: readonly LayeredImage[] = [
  {
    reference: "lab.local/plain:1",
    layers: [{ "/probe": "" }],
    config: { Entrypoint: ["/probe"] },
  },
  {
    reference: "lab.local/numbers:1",
    layers: [{ "/probe": "" }],
    config: { User: "1234:56", Cmd: ["/probe", "id"], Env: ["PATH=/", "A=1", "B=x=y"] },
  },
  {
    reference: "lab.local/number:1",
    layers: [{ "/probe": "", ...ACCOUNTS }],
    config: { User: "1000", Entrypoint: ["/probe"], Cmd: ["id"], WorkingDir: "/tmp" },
  },
  {
    reference: "lab.local/named:1",
    layers: [{ "/probe": "", "/etc/passwd": "app:x:1:1::/:\n" }, ACCOUNTS, { "/etc/x": "" }],
    config: { User: "app", Entrypoint: ["/probe"], Env: ["LANG=C.UTF-8"] },
  },
  {
    reference: "lab.local/grouped:1",
    layers: [{ "/probe": "" }, ACCOUNTS],
    config: { User: "app:staff", Entrypoint: ["/probe"] },
  },
  {
    reference: "lab.local/removed:1",
    layers: [
      { "/probe": "", ...ACCOUNTS },
      { "/etc/.wh.group": "", "/etc/x": "" },
    ],
    config: { User: "app", Entrypoint: ["/probe"] },
  },
  {
    reference: "lab.local/root:1",
    layers: [{ "/probe": "", ...ACCOUNTS }],
    config: { Entrypoint: ["/probe"] },
  },
];

const ADDED = ["SYS_ADMIN", "NET_ADMIN", "SYS_CHROOT", "SYS_MODULE", "AUDIT_CONTROL"];
const FLAGS: Readonly<Record<Privileges, readonly string[]>> = {
  default: ["--seccomp"],
  bootstrap: [
    ...["--seccomp", "--rootfs-propagation", "rshared"],
    ...ADDED.flatMap((name) => ["--cap-add", `CAP_${name}`]),
  ],
  superpowered: ["--privileged", "--allow-new-privs", "--rootfs-propagation", "rshared"],
};
const SETS = ["default", "bootstrap", "superpowered"] as const;

let lab: ContainersLab;
let channel: Channel;
let lastCapability: number;

beforeAll(async () => {
  lab = await startLab();
  // As systemd has it in the image: what is mounted in one place shows in all, unless told.
  await lab.namespaces.run(["mount", "--make-rshared", "/"]);
  channel = new Channel(lab.socketPath);
  lastCapability = await readLastCapability();
  await createClient(Leases, channel, { namespace: NAMESPACE }).create({ id: SCOPE.lease });
  for (const image of IMAGES) await importLayered(lab, image);
});

afterAll(async () => {
  channel[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

/** The snapshot of a new container, and where this machine finds the layers. */
async function prepare(id: string, chainId: string) {
  const snapshots = createClient(Snapshots, channel, SCOPE);
  const { mounts } = await snapshots.prepare({
    snapshotter: SNAPSHOTTER,
    key: id,
    parent: chainId,
  });
  const here = (text: string): string =>
    text.replaceAll(/(?<=^|[=:])\/var\//g, `${lab.path("var")}/`);
  const layers: LayerMount[] = mounts.map(({ type, source, options }) => ({
    type,
    source: here(source),
    options: options.map(here),
  }));
  return { mounts, layers };
}

/** What is made of an image of the lab, all the way from its name. */
async function specOf(
  id: string,
  reference: string,
  more: Pick<HostSpecOptions, "privileges"> & Partial<HostSpecOptions>,
) {
  const { config, chainId } = await readImage(channel, NAMESPACE, reference);
  const { mounts, layers } = await prepare(id, chainId);
  const user = await readImageUser(config.user, layers);
  const cgroupsPath = `/lab/${id}`;
  const options = { image: config, user, mounts: [], cgroupsPath, lastCapability, ...more };
  return { spec: hostSpec(options), mounts };
}

/** The bit of each capability that the lab has, as a number; some machines keep one back. */
async function labCapabilities(): Promise<bigint> {
  return maskOf(await readFile("/proc/self/status", "utf8"), "CapEff");
}

function maskOf(status: string, field: string): bigint {
  return BigInt(`0x${lineOf(status, field)}`);
}

function lineOf(status: string, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1];
}

function hasBit(mask: bigint, bit: number): boolean {
  return ((mask >> BigInt(bit)) & 1n) === 1n;
}

async function specOfCtr(id: string, reference: string, flags: readonly string[]) {
  await lab.namespaces.run([
    ...["ctr", "-n", NAMESPACE, "containers", "create", "--snapshotter", SNAPSHOTTER],
    ...[...flags, reference, id],
  ]);
  const spec: RuntimeSpec = JSON.parse(
    await lab.namespaces.run(["ctr", "-n", NAMESPACE, "containers", "info", "--spec", id]),
  );
  return spec;
}

describe.runIf(CAN_RUN_LAB)("hostSpec(), compared with ctr of the same containerd", () => {
  const cases = SETS.flatMap((privileges) =>
    IMAGES.map(({ reference }) => ({ privileges, reference })),
  );

  it.each(cases)("$privileges, $reference", async ({ privileges, reference }) => {
    const id = `${privileges}-${/\/(\w+)/.exec(reference)?.[1]}`;
    const mount = { destination: OWN_MOUNT, type: "bind", source: "/var/log", options: ["rbind"] };
    const { spec } = await specOf(`${id}-ours`, reference, {
      privileges,
      env: { A: "2" },
      cgroupsPath: `/${NAMESPACE}/${id}`,
      mounts: [mount],
    });
    const theirs = await specOfCtr(id, reference, [
      ...["--net-host", "--env", "A=2", ...FLAGS[privileges]],
      ...["--mount", `type=bind,src=${mount.source},dst=${mount.destination},options=rbind`],
    ]);
    expect(spec).toEqual(applyDifferences(theirs, spec, { privileges, reference }));
  });

  it("numbers capabilities as the kernel does", async () => {
    const theirs = await specOfCtr("all", "lab.local/plain:1", ["--privileged"]);
    const { spec } = await specOf("all-ours", "lab.local/plain:1", { privileges: "superpowered" });
    const has = await labCapabilities();
    const ours = spec.process.capabilities.bounding;
    expect(ours).toHaveLength(lastCapability + 1);
    expect(new Set(theirs.process.capabilities.bounding)).toEqual(
      new Set(ours.filter((_, bit) => hasBit(has, bit))),
    );
  });

  it("opens with each capability what containerd opens", async () => {
    const { spec } = await specOf("each", "lab.local/plain:1", { privileges: "superpowered" });
    for (const capability of spec.process.capabilities.bounding) {
      const flags = ["--seccomp", "--cap-add", capability];
      const id = `with-${capability.toLowerCase().replaceAll("_", "-")}`;
      const { process, linux } = await specOfCtr(id, "lab.local/plain:1", flags);
      const expected = seccompProfile(process.capabilities.bounding);
      expect({ capability, ...linux.seccomp }).toEqual({ capability, ...expected });
    }
  });
});

/** Runs a container of the spec to its end, and gives what it printed. */
async function run(id: string, { spec, mounts }: Awaited<ReturnType<typeof specOf>>) {
  const containers = createClient(Containers, channel, SCOPE);
  const tasks = createClient(Tasks, channel, SCOPE);
  const runtime = { name: "io.containerd.runc.v2" };
  await containers.create({
    container: { id, runtime, spec: encodeSpec(forLab(spec, await labCapabilities())) },
  });
  const stdout = `/var/log/${id}.txt`;
  const streams = { stdout: `file://${stdout}`, stderr: `file://${stdout}` };
  await tasks.create({ containerId: id, rootfs: mounts, ...streams });
  const exited = tasks.wait({ containerId: id }, { timeoutMs: 20_000 });
  await tasks.start({ containerId: id });
  const { exitStatus } = await exited;
  await tasks.delete({ containerId: id });
  await containers.delete({ id });
  return { exitStatus, output: await readFile(lab.path(stdout), "utf8") };
}

/** What the lab may not give: some capabilities, and more open files than it has itself. */
function forLab(spec: RuntimeSpec, has: bigint): RuntimeSpec {
  const order = hostSpec({ ...NOTHING, privileges: "superpowered", lastCapability }).process
    .capabilities.bounding;
  const given = spec.process.capabilities.bounding.filter((name) =>
    hasBit(has, order.indexOf(name)),
  );
  const capabilities = { bounding: given, effective: given, permitted: given };
  return { ...spec, process: { ...spec.process, capabilities, rlimits: [] } };
}

const NOTHING = {
  image: { entrypoint: [], cmd: [], env: [], workingDir: "", user: "", stopSignal: "" },
  command: ["/probe"],
  user: { uid: 0, gid: 0, additionalGids: [] },
  mounts: [],
  cgroupsPath: "/",
};

describe.runIf(CAN_RUN_LAB)("a container of hostSpec()", () => {
  const named = "lab.local/named:1";
  const status = ["/probe", "show", "/proc/self/status"];

  it("runs what its image says and tells how that ended", async () => {
    const made = await specOf("id", "lab.local/number:1", { privileges: "default" });
    expect(await run("id", made)).toEqual({ exitStatus: 0, output: "1000:1001\n" });
    const command = ["/probe", "end", "0", "7"];
    const ended = await specOf("end", named, { privileges: "default", command });
    expect((await run("end", ended)).exitStatus).toBe(7);
  });

  it.each([
    { privileges: "default", seccomp: "2", noNewPrivs: "1", pid: /^1$/ },
    { privileges: "bootstrap", seccomp: "2", noNewPrivs: "1", pid: /^\d{2,}$/ },
    { privileges: "superpowered", seccomp: "0", noNewPrivs: "0", pid: /^\d{2,}$/ },
  ] as const)("has the rights of $privileges", async ({ privileges, seccomp, noNewPrivs, pid }) => {
    const id = `rights-${privileges}`;
    const made = await specOf(id, "lab.local/plain:1", { privileges, command: status });
    const { exitStatus, output } = await run(id, made);
    expect({ exitStatus, output }).toMatchObject({ exitStatus: 0 });
    expect(lineOf(output, "Seccomp")).toBe(seccomp);
    expect(lineOf(output, "NoNewPrivs")).toBe(noNewPrivs);
    expect(lineOf(output, "Pid")).toMatch(pid);
    const expected = {
      default: 0xa80425fbn,
      bootstrap: 0xa80425fbn | (1n << 21n) | (1n << 12n) | (1n << 16n) | (1n << 30n),
      superpowered: (1n << BigInt(lastCapability + 1)) - 1n,
    }[privileges];
    for (const field of ["CapEff", "CapPrm", "CapBnd"])
      expect(maskOf(output, field)).toBe(expected & (await labCapabilities()));
    expect(maskOf(output, "CapInh")).toBe(0n);
    expect(maskOf(output, "CapAmb")).toBe(0n);
  });

  it("has no capability in effect for a user who is not root, and the groups of its account", async () => {
    const made = await specOf("user", named, { privileges: "superpowered", command: status });
    const { output } = await run("user", made);
    expect(maskOf(output, "CapEff")).toBe(0n);
    expect(lineOf(output, "Uid")).toBe("1000\t1000\t1000\t1000");
    expect(lineOf(output, "Groups")?.trim()).toBe("6 50 1001");
  });

  it.each(["bootstrap", "superpowered"] as const)(
    "sees the machine's devices and leaves its mounts alone (%s)",
    async (privileges) => {
      const before = await lab.namespaces.run(["/var/probe", "show", "/proc/self/mounts"]);
      const id = `devices-${privileges}`;
      const command = ["/probe", "show", "/proc/self/mountinfo"];
      const made = await specOf(id, "lab.local/plain:1", { privileges, command });
      const { output } = await run(id, made);
      expect(output).toMatch(/ \/dev .* - devtmpfs /);
      expect(await lab.namespaces.run(["/var/probe", "show", "/proc/self/mounts"])).toBe(before);
    },
  );

  it.each([
    { privileges: "bootstrap", propagation: "rshared", reaches: true },
    { privileges: "superpowered", propagation: "rshared", reaches: true },
    { privileges: "superpowered", propagation: "rprivate", reaches: false },
  ] as const)(
    "mounts for the machine where the caller lets it ($privileges, $propagation)",
    async ({ privileges, propagation, reaches }) => {
      const id = `mounts-${privileges}-${propagation}`;
      await mkdir(lab.path(`var/${id}/disk`), { recursive: true });
      const options = ["rbind", propagation];
      const mounts = [{ destination: "/mnt", type: "bind", source: `/var/${id}`, options }];
      const command = ["/probe", "mount", "/mnt/disk"];
      const made = await specOf(id, "lab.local/plain:1", { privileges, command, mounts });
      expect(await run(id, made)).toEqual({ exitStatus: 0, output: "" });
      const table = await lab.namespaces.run(["/var/probe", "show", "/proc/self/mounts"]);
      expect(table.includes(` /var/${id}/disk `)).toBe(reaches);
    },
  );

  it("may not mount by default", async () => {
    const command = ["/probe", "mount", "/tmp"];
    const made = await specOf("mount", "lab.local/plain:1", { privileges: "default", command });
    expect(await run("mount", made)).toEqual({
      exitStatus: 111,
      output: "probe: cannot mount: Operation not permitted\n",
    });
  });
});

describe.runIf(CAN_RUN_LAB)("what an image is", () => {
  it("is not told of one that there is not", async () => {
    await expect(readImage(channel, NAMESPACE, "lab.local/none:1")).rejects.toMatchObject({
      code: "containerd.not-found",
    });
  });

  it("does not come from content that is not what its digest says", async () => {
    const { digest } = await readImage(channel, NAMESPACE, "lab.local/root:1");
    const blob = lab.path(
      `var/lib/containerd/io.containerd.content.v1.content/blobs/${digest.replace(":", "/")}`,
    );
    const bytes = await readFile(blob);
    await chmod(blob, 0o644);
    await writeFile(blob, Buffer.from(bytes.toString().replace("amd64", "arm64")));
    await expect(readImage(channel, NAMESPACE, "lab.local/root:1")).rejects.toMatchObject({
      code: "containerd.bad-image",
      message: expect.stringContaining("has another content"),
    });
    await writeFile(blob, bytes);
  });

  it("finds nothing that a layer removed", async () => {
    const { chainId } = await readImage(channel, NAMESPACE, "lab.local/removed:1");
    const { layers } = await prepare("removed-files", chainId);
    expect(await readImageFile(layers, "/etc/group")).toBeUndefined();
    expect(await readImageFile(layers, "/etc/passwd")).toBe(ACCOUNTS["/etc/passwd"]);
  });
});
