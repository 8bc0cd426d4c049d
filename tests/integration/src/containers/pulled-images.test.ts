import { Content } from "@ballast/containerd/services";
import { createClient } from "@ballast/containerd";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, SOON } from "./lab.ts";
import { want } from "./manager.ts";
import { makeImage, makeIndex, push, type Compression, type ImageWish } from "./oci-image.ts";
import { REGISTRY, RegistryWorld } from "./registry-world.ts";

let world: RegistryWorld;
let count = 0;

beforeAll(async () => {
  if (CAN_RUN_LAB) world = await RegistryWorld.start();
}, 60_000);

afterAll(async () => {
  if (CAN_RUN_LAB) await world[Symbol.asyncDispose]();
});

afterEach(() => world.clear());

/** Puts an image into the registry; another one each time. */
async function pushed(wish: ImageWish): Promise<string> {
  const name = `kind-${++count}`;
  const image = await makeImage(world.lab, { ...wish, files: { ...wish.files, name } });
  await push(world.push.password, [`team/${name}`, "1"], [image]);
  return `${REGISTRY.known}/team/${name}:1`;
}

describe.runIf(CAN_RUN_LAB)("an image", { timeout: 60_000 }, () => {
  it.each(["none", "gzip", "zstd"] satisfies Compression[])(
    "may have its layers packed: %s",
    async (compression) => {
      await want(world.lab, { x: { image: await pushed({ compression }) } });
      expect(await world.runs("x")).toMatchObject({ reason: null });
    },
  );

  it("for several processors: the one of this machine is taken, the others are not fetched", async () => {
    const foreign = await makeImage(world.lab, { architecture: "arm64", files: { name: "arm" } });
    const own = await makeImage(world.lab, { files: { name: "own" } });
    const index = makeIndex({ arm64: foreign, amd64: own });
    await push(world.push.password, ["team/both", "1"], [foreign, own], index);
    await want(world.lab, { x: { image: `${REGISTRY.known}/team/both:1` } });
    expect(await world.runs("x")).toMatchObject({ digest: index.digest });
    const asked = world.front.seen.map(({ url }) => url).join("\n");
    expect(asked).toContain(own.layers[0]?.digest);
    expect(asked).not.toContain(foreign.layers[0]?.digest);
    const content = createClient(Content, world.channel, { namespace: "k8s.io" });
    await expect(content.info({ digest: foreign.manifest.digest })).rejects.toMatchObject({
      code: "containerd.not-found",
    });
  });

  it("for other processors only is refused, and nothing of it stays", async () => {
    const foreign = await makeImage(world.lab, { architecture: "arm64", files: { name: "arm" } });
    await push(
      world.push.password,
      ["team/foreign", "1"],
      [foreign],
      makeIndex({ arm64: foreign, s390x: foreign }),
    );
    const image = `${REGISTRY.known}/team/foreign:1`;
    await want(world.lab, { x: { image } });
    expect((await world.failed("x")).reason).toBe(
      `Cannot pull image "${image}": the registry has it, but not for this processor (linux/amd64)`,
    );
  });

  const NO_USER = "its image has no such user as the image says it runs as; set user to a number";
  it.each([
    [
      "no program",
      { Entrypoint: [] },
      "create",
      "its image names no program, and command is not set",
    ],
    [
      "a program that it has not",
      { Entrypoint: ["/none"] },
      "start",
      'it cannot run "/none": no such file or directory',
    ],
    [
      "a file that is no program",
      { Entrypoint: ["/name"] },
      "start",
      'it cannot run "/name": permission denied',
    ],
    ["a user that it has not", { User: "somebody" }, "create", NO_USER],
    ["a user beyond all numbers", { User: "99999999999:1" }, "create", NO_USER],
    [
      "a variable without a name",
      { Env: ["=x"] },
      "start",
      "invalid environment variable: name cannot be empty",
    ],
    ["a folder outside", { WorkingDir: "../../etc" }, "start", "Cwd must be an absolute path"],
    ["a file for its folder", { WorkingDir: "/probe" }, "start", "mkdir /probe: not a directory"],
  ])("that says %s does not run, and says why", async (_, config, step, reason) => {
    await want(world.lab, { x: { image: await pushed({ config }) } });
    expect(await world.failed("x")).toMatchObject({
      state: "waiting",
      restarts: 0,
      reason: `Cannot ${step} container "x": ${reason}`,
      next_try: expect.stringMatching(/Z$/),
    });
  });

  it("that hides control characters in what it says shows none", async () => {
    const config = { Entrypoint: ["/no\u001b[31mne\nx"], Env: ["A\u0007=\u001b]0;x"] };
    await want(world.lab, { x: { image: await pushed({ config }) } });
    const { reason } = await world.failed("x");
    expect(reason).toMatch(/^Cannot start container "x": \P{C}+$/u);
    expect(world.manager.log()).not.toContain("\u001b");
  });

  it("with volumes outside, labels, ports and a signal of its own harms nothing", async () => {
    const config = {
      Volumes: { "/../../../etc": {}, "/proc": {}, "relative/path": {} },
      Labels: { "io.kubernetes.cri": "x".repeat(5000), "ballast.container": "other" },
      ExposedPorts: { "99999/tcp": {} },
      StopSignal: "SIGNONSENSE",
    };
    await want(world.lab, { x: { image: await pushed({ config }) } });
    await expect
      .poll(async () => (await world.statusOf("x"))?.state, SOON)
      .toMatch(/^(running|waiting)$/);
  });
});
