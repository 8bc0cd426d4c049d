import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, setMirrors, SOON } from "./lab.ts";
import { want } from "./manager.ts";
import { makeImage, push, type Blob, type OciImage } from "./oci-image.ts";
import type { Play } from "./registry-front.ts";
import { REGISTRY, RegistryWorld, URL_TOKEN } from "./registry-world.ts";

const BIG_BYTES = 4 << 20;

let world: RegistryWorld;
let app: OciImage;

beforeAll(async () => {
  if (!CAN_RUN_LAB) return;
  world = await RegistryWorld.start();
  app = await makeImage(world.lab, { files: { name: "app" } });
  await push(world.push.password, ["team/app", "1"], [app]);
  await push(world.push.token, ["team/app", "1"], [app]);
}, 60_000);

afterAll(async () => {
  if (CAN_RUN_LAB) await world[Symbol.asyncDispose]();
});

afterEach(async () => {
  await world.clear();
  const { images } = await world.images.listImages({});
  // Each begins without: what is there would be used.
  for (const { id, pinned } of images)
    if (!pinned) await world.images.removeImage({ image: { image: id } });
});

/** Starts a container of an image that cannot be pulled; what is told of it. */
async function refused(image: string): Promise<string> {
  await want(world.lab, { x: { image } });
  const { reason, digest, next_try: next, restarts } = await world.failed("x");
  expect([digest, restarts]).toEqual([null, 0]);
  expect(next).toMatch(/Z$/);
  expect(reason?.startsWith(`Cannot pull image "${image}": `)).toBe(true);
  return reason?.slice(`Cannot pull image "${image}": `.length) ?? "";
}

/** Plays for one blob, forwards everything else. */
function forBlob({ digest }: Blob, play: Play): Play {
  return (seen, response, forward) => {
    if (seen.url.includes(`/blobs/${digest}`)) play(seen, response, forward);
    else forward();
  };
}

/** An image with a layer that takes several reads, in the registry as `team/NAME:1`. */
async function pushBig(name: string): Promise<readonly [string, Blob]> {
  const image = await makeImage(world.lab, { files: { big: randomBytes(BIG_BYTES) } });
  await push(world.push.password, [`team/${name}`, "1"], [image]);
  const [layer] = image.layers;
  if (layer === undefined) throw new Error("no layer");
  return [`${REGISTRY.known}/team/${name}:1`, layer];
}

describe.runIf(CAN_RUN_LAB)("a registry that refuses", { timeout: 60_000 }, () => {
  it("by a password: a wrong one, none, the right one", async () => {
    expect(await refused(`${REGISTRY.wrongPassword}/team/app:1`)).toBe(
      "the registry refuses the credentials (401 Unauthorized)",
    );
    await world.clear();
    expect(await refused(`${REGISTRY.noPassword}/team/app:1`)).toBe(
      "the registry wants to know who asks (no credentials), or does not have it; see container-registry.credentials",
    );
    await world.clear();
    await want(world.lab, { x: { image: `${REGISTRY.known}/team/app:1` } });
    expect(await world.runs("x")).toMatchObject({ digest: app.manifest.digest, reason: null });
  });

  it("by a token of somebody else, who gives one for the right password", async () => {
    await want(world.lab, { x: { image: `${REGISTRY.token}/team/app:1` } });
    expect(await world.runs("x")).toMatchObject({ digest: app.manifest.digest, reason: null });
    const { seen } = world.front;
    const asked = seen.filter(({ url }) => url.startsWith("/token"));
    expect(asked.length).toBeGreaterThan(0);
    for (const { url, method } of asked)
      expect(method === "POST" || url.includes("scope=repository%3Ateam%2Fapp%3Apull")).toBe(true);
    // The password goes to who gives tokens, never to the registry.
    const toRegistry = seen.filter(({ url }) => url.startsWith("/v2/"));
    expect(toRegistry.some(({ authorization }) => authorization?.startsWith("Bearer ey"))).toBe(
      true,
    );
    expect(toRegistry.some(({ authorization }) => authorization?.startsWith("Basic"))).toBe(false);
  });

  it("by a token that nobody gives", async () => {
    expect(await refused(`${REGISTRY.wrongToken}/team/app:1`)).toMatch(
      /^the registry refuses the credentials \(401 Unauthorized\)$/,
    );
  });

  it("because it was asked too often: nothing is asked before the next try", async () => {
    world.front.play = (_, response) => {
      response.writeHead(429, { "retry-after": "1" }).end();
    };
    expect(await refused(`${REGISTRY.known}/team/app:1`)).toBe(
      "the registry was asked too often (429 Too Many Requests)",
    );
    // containerd asks five more times at once, whatever the registry says.
    expect(world.front.seen.length).toBe(6);
    world.front.play = undefined;
    await world.runs("x");
  });

  it("what it does not have", async () => {
    expect(await refused(`${REGISTRY.known}/team/none:1`)).toBe("the registry does not have it");
    await world.clear();
    const digest = `sha256:${"0".repeat(64)}`;
    expect(await refused(`${REGISTRY.known}/team/app@${digest}`)).toBe(
      "the registry does not have it",
    );
  });
});

describe.runIf(CAN_RUN_LAB)("a registry that fails", { timeout: 60_000 }, () => {
  it.each([
    [500, "Internal Server Error"],
    [503, "Service Unavailable"],
  ])("with %i for a while, is asked again, each time later", async (status, words) => {
    let count = 0;
    world.front.play = (_, response, forward) => {
      count += 1;
      if (count > 2) forward();
      else response.writeHead(status).end(`<html>${"x".repeat(3000)}</html>`);
    };
    expect(await refused(`${REGISTRY.known}/team/app:1`)).toBe(
      `the registry fails (${status} ${words})`,
    );
    const startedMs = performance.now();
    expect(await world.runs("x")).toMatchObject({ reason: null, next_try: null });
    // 1 s, then 2 s, each up to half longer.
    expect(performance.now() - startedMs).toBeGreaterThan(2500);
  });

  it("is not there, or has no name", async () => {
    expect(await refused(`${REGISTRY.down}/team/app:1`)).toBe(
      'Head "https://registry.lab:5999/v2/team/app/manifests/1": dial tcp 127.0.0.1:5999: connect: connection refused',
    );
    await world.clear();
    expect(await refused(`${REGISTRY.unknownName}/team/app:1`)).toContain("lookup nobody.lab: ");
  });

  it("is not who it says it is", async () => {
    expect(await refused(`${REGISTRY.stranger}/team/app:1`)).toContain(
      "x509: certificate signed by unknown authority",
    );
    await world.clear();
    expect(await refused(`${REGISTRY.misnamed}/team/app:1`)).toContain(
      "x509: certificate is valid for *.lab, not misnamed.example",
    );
    // Nothing was asked, so no password was given away.
    expect(world.front.seen).toEqual([]);
  });

  it("sends from one place to the next for ever; what a URL proves is not told", async () => {
    world.front.play = (_, response) => {
      const location = `https://${REGISTRY.known}/elsewhere?token=${URL_TOKEN}`;
      response.writeHead(302, { location }).end();
    };
    expect(await refused(`${REGISTRY.known}/team/app:1`)).toContain("stopped after 10 redirects");
    await world.clear();
    world.front.play = (_, response) => {
      const location = `https://robot:${URL_TOKEN}@${REGISTRY.down}/x?token=${URL_TOKEN}`;
      response.writeHead(302, { location }).end();
    };
    const reason = await refused(`${REGISTRY.known}/team/app:1`);
    expect(reason).toContain('"https://registry.lab:5999/x": dial tcp');
    expect(reason).not.toContain(URL_TOKEN);
  });
});

describe.runIf(CAN_RUN_LAB)("what a registry sends", { timeout: 60_000 }, () => {
  it("is another manifest than the digest in the settings: it never runs", async () => {
    const other = await makeImage(world.lab, { files: { name: "other" } });
    world.front.play = ({ url, method }, response, forward) => {
      if (!url.includes("/manifests/")) {
        forward();
        return;
      }
      const { mediaType, size, bytes } = other.manifest;
      response.writeHead(200, { "content-type": mediaType, "content-length": size });
      response.end(method === "HEAD" ? undefined : bytes);
    };
    const { digest } = app.manifest;
    expect(await refused(`${REGISTRY.known}/team/app@${digest}`)).toBe(
      `the registry sends something else: ${other.manifest.digest}, must be ${digest}`,
    );
    world.front.play = undefined;
    expect(await world.runs("x")).toMatchObject({ digest, reason: null });
  });

  it("is another layer: it is asked for from its beginning, and runs once it is right", async () => {
    const [image, layer] = await pushBig("wrong");
    const wrong = Buffer.from(layer.bytes);
    wrong[1000] = (wrong[1000] ?? 0) ^ 1;
    world.front.play = forBlob(layer, (_, response) => {
      response.writeHead(200, { "content-length": wrong.length }).end(wrong);
    });
    expect(await refused(image)).toMatch(
      new RegExp(
        `^the registry sends something else: sha256:[0-9a-f]{64}, must be ${layer.digest}$`,
      ),
    );
    expect((await world.leftovers()).downloads).toEqual([]);
    world.front.play = undefined;
    await world.runs("x");
  });

  it("is shorter than the manifest says", async () => {
    const [image, layer] = await pushBig("short");
    world.front.play = forBlob(layer, (_, response) => {
      const half = layer.bytes.subarray(0, 1_000_000);
      response.writeHead(200, { "content-length": half.length }).end(half);
    });
    expect(await refused(image)).toMatch(/^the registry ended the connection/);
    world.front.play = undefined;
    await world.runs("x");
  });

  it("never ends: the pull is ended before the disk is full", async () => {
    const [image, layer] = await pushBig("endless");
    let sent = 0;
    world.front.play = forBlob(layer, (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (response.destroyed) return;
        sent += layer.size;
        response.write(layer.bytes, () => setTimeout(more, 50));
      };
      more();
    });
    expect(await refused(image)).toBe(
      `the registry sends more of "layer-${layer.digest}" than its ${layer.size} bytes`,
    );
    expect(sent).toBeLessThan(60 * layer.size);
    expect((await world.leftovers()).downloads).toEqual([]);
    world.front.play = undefined;
    await world.runs("x");
  });

  it("is cut again and again: the rest alone is asked for", async () => {
    const [image, layer] = await pushBig("cut");
    let count = 0;
    world.front.play = forBlob(layer, (seen, response, forward) => {
      count += 1;
      const from = Number(/^bytes=(\d+)-$/.exec(seen.range ?? "")?.[1] ?? 0);
      if (count > 3) {
        forward();
        return;
      }
      response.writeHead(seen.range === undefined ? 200 : 206, {
        "content-length": layer.size - from,
        "content-range": `bytes ${from}-${layer.size - 1}/${layer.size}`,
      });
      response.write(layer.bytes.subarray(from, from + 1_000_000));
      setTimeout(() => response.destroy(), 200);
    });
    await want(world.lab, { x: { image } });
    await world.runs("x");
    const ranges = world.front.seen
      .filter(({ url }) => url.includes(layer.digest))
      .map(({ range }) => range);
    expect(ranges).toEqual([undefined, "bytes=1000000-", "bytes=2000000-", "bytes=3000000-"]);
  });

  it("is cut so often that the pull fails: the next one goes on where it ended", async () => {
    const [image, layer] = await pushBig("broken");
    world.front.play = forBlob(layer, (seen, response) => {
      if (seen.range !== undefined) {
        response.destroy();
        return;
      }
      response.writeHead(200, { "content-length": layer.size });
      response.write(layer.bytes.subarray(0, 3_000_000));
      setTimeout(() => response.destroy(), 200);
    });
    expect(await refused(image)).toBe(
      "the registry ended the connection; the next try goes on there",
    );
    const left = await world.leftovers();
    expect(left.downloads).toHaveLength(1);
    // The manager that goes on is another one.
    await world.restartManager("SIGKILL");
    world.front.reset();
    await world.runs("x");
    const asked = world.front.seen.filter(({ url }) => url.includes(layer.digest));
    expect(asked.map(({ range }) => range)).toEqual(asked.map(() => "bytes=3000000-"));
    expect(asked.at(-1)?.sent).toBe(layer.size - 3_000_000);
  });

  it("is cut, and then nobody wants it any more: what came goes", async () => {
    const [image, layer] = await pushBig("unwanted");
    world.front.play = forBlob(layer, (_, response) => {
      response.writeHead(200, { "content-length": layer.size });
      response.write(layer.bytes.subarray(0, 3_000_000));
      setTimeout(() => response.destroy(), 200);
    });
    await refused(image);
    expect((await world.leftovers()).leases).toHaveLength(1);
    await want(world.lab, {});
    const nothing = { leases: [], downloads: [], snapshots: [] };
    await expect.poll(() => world.leftovers(), SOON).toEqual(nothing);
  });
});

describe.runIf(CAN_RUN_LAB)("mirrors", { timeout: 60_000 }, () => {
  const hosts = () => [...new Set(world.front.seen.map(({ host }) => host))];
  const image = `${REGISTRY.known}/team/app:1`;

  it("are asked first: that of the registry, or that of all others", async () => {
    await setMirrors(world.lab, {
      [REGISTRY.known]: [`https://${REGISTRY.mirror}`],
      "*": [`https://${REGISTRY.otherMirror}`],
    });
    await want(world.lab, { x: { image } });
    expect(await world.runs("x")).toMatchObject({ image, digest: app.manifest.digest });
    expect(hosts()).toEqual(["mirror.lab"]);
    await want(world.lab, { x: { image: `${REGISTRY.noPassword}/team/app:1` } });
    await expect.poll(hosts, SOON).toEqual(["mirror.lab", "everything.lab"]);
    await expect
      .poll(() => world.statusOf("x"), SOON)
      .toMatchObject({ state: "running", image: `${REGISTRY.noPassword}/team/app:1` });
  });

  it("that are down or do not have it give way to the registry itself", async () => {
    await setMirrors(world.lab, {
      [REGISTRY.known]: [`https://${REGISTRY.down}`, `https://${REGISTRY.mirror}`],
    });
    world.front.play = ({ host }, response, forward) => {
      if (host === "mirror.lab") response.writeHead(404).end();
      else forward();
    };
    await want(world.lab, { x: { image } });
    await world.runs("x");
    expect(hosts()).toEqual(["mirror.lab", "registry.lab"]);
  });

  it("that fail and a registry that fails: all is told of the last", async () => {
    await setMirrors(world.lab, { [REGISTRY.known]: [`https://${REGISTRY.mirror}`] });
    world.front.play = (_, response) => {
      response.writeHead(503).end();
    };
    expect(await refused(image)).toBe("the registry fails (503 Service Unavailable)");
  });
});

describe.runIf(CAN_RUN_LAB)("an image that is here", { timeout: 60_000 }, () => {
  it("runs while the registry is down, and the state says so until it is back", async () => {
    const image = `${REGISTRY.known}/team/app:1`;
    await want(world.lab, { x: { image } });
    await world.runs("x");
    world.front.play = (_, response) => {
      response.destroy();
    };
    await want(world.lab, { x: { image, env: { NEW: "1" } } });
    await expect
      .poll(() => world.statusOf("x"), SOON)
      .toMatchObject({
        state: "running",
        digest: app.manifest.digest,
        reason: expect.stringMatching(
          /^Uses the image that is here: Cannot pull image "registry\.lab:5443\/team\/app:1": .*EOF$/,
        ),
        next_try: null,
      });
    world.front.play = undefined;
    await want(world.lab, { x: { image, env: { NEW: "2" } } });
    await expect
      .poll(() => world.statusOf("x"), SOON)
      .toMatchObject({ state: "running", reason: null });
  });

  it("runs although the registry never answers, after half a minute", async () => {
    const image = `${REGISTRY.known}/team/app:1`;
    await want(world.lab, { x: { image } });
    await world.runs("x");
    world.front.play = () => undefined;
    await want(world.lab, { x: { image, env: { NEW: "1" } } });
    await expect
      .poll(() => world.statusOf("x"), { timeout: 45_000 })
      .toMatchObject({
        state: "running",
        reason: `Uses the image that is here: Cannot pull image "${image}": no answer in 30 s`,
      });
  });

  it("by its digest runs without asking anybody", async () => {
    const image = `${REGISTRY.known}/team/app@${app.manifest.digest}`;
    await want(world.lab, { x: { image } });
    await world.runs("x");
    world.front.reset();
    await want(world.lab, { x: { image, env: { NEW: "1" } } });
    await expect.poll(() => world.statusOf("x"), SOON).toMatchObject({ state: "running" });
    expect(world.front.seen).toEqual([]);
  });
});
