import { readFile, writeFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import {
  ContainerEventType,
  ContainerState,
  ImageService,
  NamespaceMode,
  PodSandboxState,
  Protocol,
  RuntimeService,
} from "@ballast/containerd/cri";
import { addTestProgram } from "@ballast/testkit/containers";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CAN_RUN_LAB,
  importPause,
  SOON,
  startLabWithRegistry,
  type LabWithRegistry,
} from "./lab.ts";

let world: LabWithRegistry;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let images: Client<typeof ImageService>;

beforeAll(async () => {
  world = await startLabWithRegistry();
  await importPause(world.lab);
  channel = new Channel(world.lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  images = createClient(ImageService, channel);
}, 60_000);

afterAll(async () => {
  channel[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

function sandboxOf(name: string) {
  return {
    metadata: { name, uid: name, namespace: "lab", attempt: 0 },
    hostname: name,
    logDirectory: "/var/log/containers",
    labels: { "ballast.test": name },
    linux: {
      cgroupParent: "/lab",
      securityContext: { namespaceOptions: { network: NamespaceMode.POD } },
    },
    portMappings: [{ protocol: Protocol.TCP, containerPort: 8000, hostPort: 8080 }],
  };
}

describe.runIf(CAN_RUN_LAB)("images", { timeout: 60_000 }, () => {
  it("runs, with its network", async () => {
    const { status } = await runtime.status({});
    expect(status?.conditions.map(({ type, status: isSet }) => [type, isSet])).toEqual(
      expect.arrayContaining([
        ["RuntimeReady", true],
        ["NetworkReady", true],
      ]),
    );
  });

  it("come from a registry with TLS of its own authority and a password", async () => {
    const { image } = world;
    expect((await images.imageStatus({ image: { image } })).image).toBeUndefined();
    const { imageRef } = await images.pullImage({ image: { image } }, { timeoutMs: 60_000 });
    const status = (await images.imageStatus({ image: { image } })).image;
    expect(status?.id).toBe(imageRef);
    expect(status?.repoTags).toEqual([image]);
    const [pinned = ""] = status?.repoDigests ?? [];
    expect(pinned).toMatch(/^registry\.lab:5443\/team\/probe@sha256:[0-9a-f]{64}$/);
    await images.removeImage({ image: { image } });
    await images.pullImage({ image: { image: pinned } });
    const again = (await images.imageStatus({ image: { image: pinned } })).image;
    expect(again?.id).toBe(imageRef);
  });

  it("may be made by others: two layers by umoci", async () => {
    const { lab } = world;
    const umoci = await addTestProgram(lab, "umoci");
    const layout = ["--image", "/var/foreign:1"];
    await writeFile(lab.path("var/greeting"), "hello\n");
    await lab.namespaces.run([umoci, "init", "--layout", "/var/foreign"]);
    await lab.namespaces.run([umoci, "new", ...layout]);
    await lab.namespaces.run([umoci, "insert", ...layout, "/var/probe", "/probe"]);
    await lab.namespaces.run([umoci, "insert", ...layout, "/var/greeting", "/greeting"]);
    const config = [
      "--config.entrypoint",
      "/probe",
      "--config.cmd",
      "show",
      "--config.cmd",
      "/greeting",
    ];
    await lab.namespaces.run([umoci, "config", ...layout, ...config]);
    const archive = lab.path("var/foreign.tar");
    await execa("tar", ["-cf", archive, "-C", lab.path("var/foreign"), "."]);
    await lab.importImage(archive, "lab.local/foreign");
    const image = { image: "lab.local/foreign:1" };
    const info = (await images.imageStatus({ image })).image;
    const sandbox = { ...sandboxOf("foreign"), portMappings: [] };
    const { podSandboxId } = await runtime.runPodSandbox({ config: sandbox });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      sandboxConfig: sandbox,
      config: {
        metadata: { name: "foreign" },
        image: { image: info?.id ?? "" },
        logPath: "foreign.log",
      },
    });
    await runtime.startContainer({ containerId });
    await expect
      .poll(() => readFile(lab.path("var/log/containers/foreign.log"), "utf8"), SOON)
      .toContain(" stdout F hello\n");
    await runtime.stopPodSandbox({ podSandboxId });
    await runtime.removePodSandbox({ podSandboxId });
  });

  it("are refused by name: not there, another digest, another password", async () => {
    const pull = (image: string, auth?: { username: string; password: string }) =>
      images.pullImage(
        { image: { image }, ...(auth === undefined ? {} : { auth }) },
        { act: `pull "${image}"` },
      );
    await expect(pull("registry.lab:5443/team/none:1")).rejects.toMatchObject({
      code: "containerd.not-found",
    });
    const digest = `sha256:${"0".repeat(64)}`;
    await expect(pull(`registry.lab:5443/team/probe@${digest}`)).rejects.toMatchObject({
      code: "containerd.not-found",
    });
    await expect(pull(world.image, { username: "robot", password: "wrong" })).rejects.toMatchObject(
      {
        message: expect.stringContaining("401 Unauthorized"),
      },
    );
    await expect(pull("nobody.lab:5443/x:1")).rejects.toMatchObject({
      message: expect.stringContaining("nobody.lab"),
    });
  });
});

describe.runIf(CAN_RUN_LAB)("a container", { timeout: 60_000 }, () => {
  it("lives from the sandbox to its removal, and is reached through its port", async () => {
    const { lab, image } = world;
    await images.pullImage({ image: { image } });
    const events: { readonly id: string; readonly type: string }[] = [];
    const watching = new AbortController();
    const watched = (async () => {
      const options = { signal: watching.signal };
      for await (const event of runtime.getContainerEvents({}, options))
        events.push({
          id: event.containerId,
          type: ContainerEventType[event.containerEventType],
        });
    })();
    watched.catch(() => undefined);

    const config = sandboxOf("web");
    const { podSandboxId } = await runtime.runPodSandbox({ config }, { timeoutMs: 60_000 });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      sandboxConfig: config,
      config: {
        metadata: { name: "web", attempt: 0 },
        image: { image },
        args: ["serve", "8000", "hello from the lab"],
        envs: [{ key: "COLOUR", value: "green" }],
        logPath: "web.log",
        labels: { "ballast.test": "web" },
        linux: {
          resources: { memoryLimitInBytes: 67_108_864n },
          securityContext: {
            readonlyRootfs: true,
            noNewPrivs: true,
            runAsUser: { value: 1000n },
            runAsGroup: { value: 1001n },
            capabilities: { dropCapabilities: ["ALL"] },
          },
        },
      },
    });
    await runtime.startContainer({ containerId });
    const status = (await runtime.podSandboxStatus({ podSandboxId })).status;
    expect(status?.state).toBe(PodSandboxState.SANDBOX_READY);
    const ip = status?.network?.ip ?? "";
    expect(ip).toMatch(/^10\.88\./);
    await expect.poll(() => lab.ask(ip, 8000), SOON).toBe("hello from the lab");
    expect(await lab.ask("127.0.0.1", 8080)).toBe("hello from the lab");

    const exec = async (...cmd: string[]) => {
      const answer = await runtime.execSync({ containerId, cmd, timeout: 10n });
      return [answer.exitCode, Buffer.from(answer.stdout).toString()];
    };
    expect(await exec("/probe", "id")).toEqual([0, "1000:1001\n"]);
    expect(await exec("/probe", "env", "COLOUR")).toEqual([0, "green\n"]);
    expect(await exec("/probe", "env", "KIND")).toEqual([0, "pulled\n"]);
    expect(await exec("/probe", "end", "0", "9")).toEqual([9, ""]);
    expect(await exec("/probe", "put", "/x", "y")).toEqual([111, ""]);
    const log = await readFile(lab.path("var/log/containers/web.log"), "utf8");
    expect(log).toMatch(/^\S+ stdout F serving\n$/);

    await runtime.stopContainer({ containerId, timeout: 10n }, { timeoutMs: 20_000 });
    const stopped = (await runtime.containerStatus({ containerId })).status;
    expect([stopped?.state, stopped?.exitCode]).toEqual([ContainerState.CONTAINER_EXITED, 0]);
    await runtime.stopPodSandbox({ podSandboxId });
    await runtime.removePodSandbox({ podSandboxId });
    expect((await runtime.listContainers({})).containers).toEqual([]);
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
    await expect(lab.ask("127.0.0.1", 8080)).rejects.toThrow("cannot connect");
    await expect
      // containerd tells its first listener what happened before, too.
      .poll(
        () =>
          events
            .filter(({ id }) => id === podSandboxId || id === containerId)
            .map(({ type }) => type),
        SOON,
      )
      .toEqual([
        // Of the sandbox and of the container in it.
        "CONTAINER_CREATED_EVENT",
        "CONTAINER_STARTED_EVENT",
        "CONTAINER_CREATED_EVENT",
        "CONTAINER_STARTED_EVENT",
        "CONTAINER_STOPPED_EVENT",
        "CONTAINER_STOPPED_EVENT",
        "CONTAINER_DELETED_EVENT",
        "CONTAINER_DELETED_EVENT",
      ]);
    watching.abort();
  });

  it("goes on when containerd is killed, and is found again", async () => {
    const { lab, image } = world;
    await images.pullImage({ image: { image } });
    const config = { ...sandboxOf("held"), portMappings: [] };
    const { podSandboxId } = await runtime.runPodSandbox({ config }, { timeoutMs: 60_000 });
    const { containerId } = await runtime.createContainer({
      podSandboxId,
      sandboxConfig: config,
      config: { metadata: { name: "held" }, image: { image }, args: ["serve", "80", "still here"] },
    });
    await runtime.startContainer({ containerId });
    const ip = (await runtime.podSandboxStatus({ podSandboxId })).status?.network?.ip ?? "";
    await expect.poll(() => lab.ask(ip, 80), SOON).toBe("still here");
    const reading = (async () => {
      for await (const { containerId: id } of runtime.getContainerEvents({}))
        expect(id).not.toBe("");
    })();
    reading.catch(() => undefined);

    await lab.stopContainerd("SIGKILL");
    await expect(reading).rejects.toMatchObject({ code: "containerd.unavailable" });
    await expect(runtime.version({})).rejects.toMatchObject({ code: "containerd.unavailable" });
    expect(await lab.ask(ip, 80)).toBe("still here");

    await lab.startContainerd();
    const { containers } = await runtime.listContainers({});
    expect(containers.map(({ id, state }) => [id, state])).toEqual([
      [containerId, ContainerState.CONTAINER_RUNNING],
    ]);
    await runtime.stopPodSandbox({ podSandboxId }, { timeoutMs: 60_000 });
    await runtime.removePodSandbox({ podSandboxId });
  });
});
