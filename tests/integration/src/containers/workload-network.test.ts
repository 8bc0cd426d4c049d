import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, RuntimeService } from "@ballast/containerd/cri";
import { labFiles } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  CAN_RUN_LAB,
  importPause,
  SOON,
  startLabWithRegistry,
  type LabWithRegistry,
} from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const CRI = "run/ballast/etc/containerd/cri.toml";
const METADATA_FOLDER = "/run/metadata.d";
/** A network behind the lab's router, as that of a cloud's metadata is behind the machine. */
const METADATA_NETWORK = {
  cniVersion: "1.0.0",
  name: "metadata",
  plugins: [
    {
      ...{ type: "bridge", bridge: "metadata0", isGateway: true },
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: "169.254.169.0/24", rangeStart: "169.254.169.254" }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "firewall", backend: "iptables" },
  ],
};
const METADATA = "169.254.169.254";

let world: LabWithRegistry;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;

beforeAll(async () => {
  world = await startLabWithRegistry();
  const { lab } = world;
  await addMetadataRuntime();
  channel = new Channel(lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await importPause(lab);
  await want(lab, {});
  manager = await startManager(lab);
  // As the unit does.
  await applyFirewall();
  await serveMetadata();
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

async function applyFirewall(): Promise<void> {
  const rules = "/run/ballast/etc/workload-firewall.rules";
  await world.lab.namespaces.run(["/usr/sbin/iptables-nft-restore", "--noflush", rules]);
}

async function addMetadataRuntime(): Promise<void> {
  const { lab } = world;
  await mkdir(lab.path(METADATA_FOLDER));
  await writeFile(
    lab.path(`${METADATA_FOLDER}/10-metadata.conflist`),
    JSON.stringify(METADATA_NETWORK),
  );
  const section = `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.metadata]`;
  const runc = `runtime_type = "io.containerd.runc.v2"\ncni_conf_dir = "${METADATA_FOLDER}"`;
  const text = await readFile(lab.path(CRI), "utf8");
  await writeFile(lab.path(CRI), `${text}\n${section}\n${runc}\n`);
  await lab.stopContainerd();
  await lab.startContainerd();
}

async function serveMetadata(): Promise<void> {
  const { lab } = world;
  const config = { metadata: { name: "metadata", uid: "1", namespace: "tests", attempt: 0 } };
  const runtimeHandler = "metadata";
  const { podSandboxId } = await runtime.runPodSandbox({ config, runtimeHandler });
  const { containerId } = await runtime.createContainer({
    podSandboxId,
    sandboxConfig: config,
    config: {
      metadata: { name: "metadata", attempt: 0 },
      image: { image: "lab.local/probe:1" },
      args: ["serve", "80", "secret"],
    },
  });
  await runtime.startContainer({ containerId });
  await vi.waitUntil(async () => (await lab.ask(METADATA, 80).catch(String)) === "secret", SOON);
}

/** Starts a container that answers with its name; with its address and how to run the probe in it. */
async function hold(name: string, settings: Readonly<Record<string, unknown>>) {
  const image = world.image;
  await want(world.lab, { [name]: { image, args: ["serve", "80", name], ...settings } });
  return lookAt(name);
}

async function lookAt(name: string) {
  const labelSelector = { "ballast.container": name };
  const running = async () => {
    const { containers } = await runtime.listContainers({ filter: { labelSelector } });
    return containers.find(({ state }) => state === ContainerState.CONTAINER_RUNNING);
  };
  await expect.poll(running, SOON).toBeDefined();
  const { id: containerId = "", podSandboxId = "" } = (await running()) ?? {};
  const { status } = await runtime.podSandboxStatus({ podSandboxId });
  const probe = async (...words: string[]) => {
    const cmd = ["/probe", ...words];
    const answer = await runtime.execSync({ containerId, cmd, timeout: 10n });
    return `${Buffer.from(answer.stdout).toString()}${Buffer.from(answer.stderr).toString()}`;
  };
  return { address: status?.network?.ip ?? "", probe };
}

describe.runIf(CAN_RUN_LAB)("the network of a workload", { timeout: 60_000 }, () => {
  it("does not lead to link-local addresses", async () => {
    const { address, probe } = await hold("plain", {});
    expect(address).toMatch(/^10\.88\.0\./);
    expect(await probe("ask", METADATA, "80")).toContain("Connection refused");
  });

  it("leads there where that is allowed, also after containerd and the firewall were started anew", async () => {
    const { address, probe } = await hold("allowed", { "allow-link-local": true });
    expect(address).toMatch(/^10\.88\.240\./);
    expect(await probe("ask", METADATA, "80")).toBe("secret");
    await world.lab.stopContainerd("SIGKILL");
    await world.lab.startContainerd();
    await applyFirewall();
    expect(await probe("ask", METADATA, "80")).toBe("secret");
    expect(await world.lab.ask(address, 80)).toBe("allowed");
    const other = await hold("plain", {});
    expect(await other.probe("ask", METADATA, "80")).toContain("Connection refused");
  });

  it("takes another subnet over, with all containers", async () => {
    const { lab } = world;
    await hold("plain", {});
    // It overlaps with the one before, where the bridge has an address already.
    const network = { subnet: "10.88.240.0/20", resolver: "10.88.240.1" };
    const files = labFiles({ "container-runtime": { subnet: network.subnet } });
    await lab.writeFiles(files.filter(({ path }) => !path.endsWith(".toml")));
    await lab.stopContainerd();
    await lab.startContainerd();
    const other = { image: world.image, args: ["serve", "80", "other"], "allow-link-local": true };
    const plain = { image: world.image, args: ["serve", "80", "plain"] };
    await want(lab, { plain, other }, network);
    await applyFirewall();
    const addressOf = async (name: string) => (await lookAt(name)).address;
    await expect.poll(() => addressOf("plain"), SOON).toMatch(/^10\.88\.240\./);
    await expect.poll(() => addressOf("other"), SOON).toMatch(/^10\.88\.255\./);
    expect(await lab.ask(await addressOf("plain"), 80)).toBe("plain");
    const { probe } = await lookAt("other");
    expect(await probe("ask", await addressOf("plain"), "80")).toBe("plain");
    expect(await probe("ask", METADATA, "80")).toBe("secret");
    expect(await probe("show", "/etc/resolv.conf")).toContain("nameserver 10.88.240.1\n");
  });
});
