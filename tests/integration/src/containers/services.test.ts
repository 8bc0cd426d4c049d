import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Channel, createClient, type Scope } from "@ballast/containerd";
import {
  Containers,
  Content,
  Events,
  Images,
  Leases,
  Namespaces,
  Tasks,
  Version,
  WriteAction,
} from "@ballast/containerd/services";
import type { ContainersLab } from "@ballast/testkit/containers";
import { mkdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, startLab } from "./lab.ts";

const NAMESPACE = "lab";
const SCOPE = { namespace: NAMESPACE };
/** Holds what tests write: containerd collects what nothing refers to. */
const LEASED = { namespace: NAMESPACE, lease: "tests" };
const LOCK = join(import.meta.dirname, "../../../../images/packages.lock.json");

let lab: ContainersLab;
let channel: Channel;

beforeAll(async () => {
  lab = await startLab();
  channel = new Channel(lab.socketPath);
  await createClient(Namespaces, channel).create({ namespace: { name: NAMESPACE } });
  await createClient(Leases, channel, SCOPE).create({ id: LEASED.lease });
});

afterAll(async () => {
  channel[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Writes bytes in pieces, as an import does. */
async function writeContent(
  bytes: Uint8Array,
  expected: string,
  scope: Scope = LEASED,
): Promise<void> {
  const content = createClient(Content, channel, scope);
  const pieceBytes = 700_000;
  async function* requests() {
    const base = { ref: expected, total: BigInt(bytes.length), expected };
    for (let offset = 0; offset < bytes.length; offset += pieceBytes)
      yield {
        ...base,
        action: WriteAction.WRITE,
        offset: BigInt(offset),
        data: bytes.subarray(offset, offset + pieceBytes),
      };
    yield { ...base, action: WriteAction.COMMIT, offset: BigInt(bytes.length) };
  }
  for await (const _ of content.write(requests(), { act: `write ${expected}` }));
}

describe.runIf(CAN_RUN_LAB)("containerd of the image", () => {
  it("is the one that the clients were made for", async () => {
    const { version } = await createClient(Version, channel).version({});
    const lock: unknown = JSON.parse(await readFile(LOCK, "utf8"));
    expect(lock).toMatchObject({
      protocols: expect.arrayContaining([
        expect.objectContaining({
          name: "golang-github-containerd-containerd-dev",
          version: expect.stringMatching(new RegExp(`^${version.replaceAll(".", "\\.")}-`)),
        }),
      ]),
    });
  });

  it("has namespaces, each of a name once", async () => {
    const namespaces = createClient(Namespaces, channel);
    await namespaces.create({ namespace: { name: "other", labels: { made: "here" } } });
    expect((await namespaces.get({ name: "other" })).namespace?.labels).toEqual({ made: "here" });
    await expect(namespaces.create({ namespace: { name: "other" } })).rejects.toMatchObject({
      code: "containerd.already-exists",
    });
    await namespaces.delete({ name: "other" });
    expect((await namespaces.list({})).namespaces.map(({ name }) => name)).not.toContain("other");
  });

  it("says by name what it has not", async () => {
    const containers = createClient(Containers, channel, SCOPE);
    const act = 'read container "none"';
    await expect(containers.get({ id: "none" }, { act })).rejects.toMatchObject({
      code: "containerd.not-found",
      message: 'Cannot read container "none": container "none" in namespace "lab": not found',
    });
  });

  it("needs a namespace where it has them", async () => {
    await expect(createClient(Images, channel).list({})).rejects.toMatchObject({
      status: "failed-precondition",
      message: expect.stringContaining("namespace is required"),
    });
  });

  it("takes content in pieces and gives it back, and refuses another digest", async () => {
    const bytes = randomBytes(3_000_000);
    const digest = sha256(bytes);
    await writeContent(bytes, digest);
    const content = createClient(Content, channel, SCOPE);
    expect(Number((await content.info({ digest })).info?.size)).toBe(bytes.length);
    const pieces: Uint8Array[] = [];
    for await (const { data } of content.read({ digest })) pieces.push(data);
    expect(sha256(Buffer.concat(pieces))).toBe(digest);
    const wrong = sha256(Buffer.from("other"));
    await expect(writeContent(bytes, wrong)).rejects.toMatchObject({
      code: "containerd.failed-precondition",
      message: expect.stringContaining("unexpected commit"),
    });
    await content.abort({ ref: wrong });
    await content.delete({ digest });
    await expect(content.info({ digest })).rejects.toMatchObject({ status: "not-found" });
  });

  it("keeps what a lease holds, for as long as there is the lease", async () => {
    const leases = createClient(Leases, channel, SCOPE);
    await leases.create({ id: "import" });
    const bytes = Buffer.from("leased");
    await writeContent(bytes, sha256(bytes), { ...SCOPE, lease: "import" });
    expect((await leases.list({})).leases.map(({ id }) => id).toSorted()).toEqual([
      "import",
      LEASED.lease,
    ]);
    // Synchronously: it returns when the garbage has been collected.
    await leases.delete({ id: "import", sync: true });
    const content = createClient(Content, channel, SCOPE);
    await expect(content.info({ digest: sha256(bytes) })).rejects.toMatchObject({
      status: "not-found",
    });
  });

  it("tells of a new image as an event, to whom asked before", async () => {
    const images = createClient(Images, channel, SCOPE);
    const manifest = Buffer.from("{}");
    await writeContent(manifest, sha256(manifest));
    const events = createClient(Events, channel, SCOPE).subscribe({
      filters: ['topic=="/images/create"'],
    });
    const first = events.next();
    // It subscribes when it is first read, and nothing says when the server has heard.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await images.create({
      image: {
        name: "lab.local/empty:1",
        target: {
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          digest: sha256(manifest),
          size: 2n,
        },
      },
    });
    expect((await first).value).toMatchObject({ topic: "/images/create", namespace: NAMESPACE });
    await events.return();
    expect((await images.list({})).images.map(({ name }) => name)).toEqual(["lab.local/empty:1"]);
    await images.delete({ name: "lab.local/empty:1", sync: true });
  });

  it("runs a task with runc in the machine's own network", async () => {
    const containers = createClient(Containers, channel, SCOPE);
    const tasks = createClient(Tasks, channel, SCOPE);
    const spec = {
      ociVersion: "1.0.2",
      root: { path: "/var", readonly: true },
      process: { cwd: "/", args: ["/probe", "end", "0", "7"], user: { uid: 0, gid: 0 } },
      mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
      linux: {
        cgroupsPath: "/lab/seven",
        namespaces: [{ type: "mount" }, { type: "pid" }],
      },
    };
    await mkdir(lab.path("var/proc"));
    await containers.create({
      container: {
        id: "seven",
        runtime: { name: "io.containerd.runc.v2" },
        spec: {
          typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Spec",
          value: Buffer.from(JSON.stringify(spec)),
        },
      },
    });
    await tasks.create({ containerId: "seven" });
    const exited = tasks.wait({ containerId: "seven" }, { timeoutMs: 20_000 });
    await tasks.start({ containerId: "seven" });
    expect((await exited).exitStatus).toBe(7);
    await tasks.delete({ containerId: "seven" });
    await containers.delete({ id: "seven" });
  });
});
