import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkloadList } from "@ballast/model";
import { makeProbeImage } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, SOON, startLabWithRegistry, type LabWithRegistry } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const MIB = 2 ** 20;
/** Room for one large image, packed and unpacked, and not for two. */
const DISK_BYTES = 64 * MIB;
const LARGE_BYTES = 22 * MIB;

let world: LabWithRegistry;
let manager: RunningManager;

beforeAll(async () => {
  world = await startLabWithRegistry(DISK_BYTES);
  await pushLarge("one");
  await pushLarge("two");
  await want(world.lab, {});
  manager = await startManager(world.lab);
}, 90_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  await world[Symbol.asyncDispose]();
});

const reference = (name: string) => `${world.registry.authority}/team/${name}:1`;
const ctr = (...words: string[]) => world.lab.namespaces.run(["ctr", "-n", "k8s.io", ...words]);

/** An image that does not get smaller when it is packed; only the registry has it afterwards. */
async function pushLarge(name: string): Promise<void> {
  const { lab, registry } = world;
  const work = await mkdtemp(join(tmpdir(), "ballast-large-"));
  await mkdir(join(work, "files"));
  await writeFile(join(work, "files/random"), randomBytes(LARGE_BYTES));
  const archive = join(work, "large.tar");
  const image = { reference: reference(name), entrypoint: ["/probe", "hold"] };
  await makeProbeImage(lab.probe, { ...image, files: join(work, "files") }, archive);
  await copyFile(archive, lab.path("var/import.tar"));
  await ctr("images", "import", "--no-unpack", "/var/import.tar");
  await registry.push(reference(name));
  await ctr("images", "rm", "--sync", reference(name));
  await rm(work, { recursive: true });
  await rm(lab.path("var/import.tar"));
}

async function statuses() {
  const text = await readFile(world.lab.path("run/ballast/containers/state.json"), "utf8");
  return new Map(WorkloadList.parse(JSON.parse(text)).map((status) => [status.name, status]));
}

const stateOf = async (name: string) => (await statuses()).get(name)?.state;
const reasonOf = async (name: string) => (await statuses()).get(name)?.reason ?? "";

describe.runIf(CAN_RUN_LAB)("a disk that gets full", { timeout: 120_000 }, () => {
  it("stops a pull, says so, keeps what runs, and goes on once there is room", async () => {
    const { lab } = world;
    const one = { image: reference("one") };
    const two = { image: reference("two") };
    await want(lab, { one });
    await expect.poll(() => stateOf("one"), SOON).toBe("running");
    await want(lab, { one, two });
    await expect.poll(() => reasonOf("two"), SOON).toContain("no space left on the disk");
    expect(await reasonOf("two")).toContain(`Cannot pull image "${reference("two")}"`);
    expect(await stateOf("two")).toBe("waiting");
    // Nothing of the pull that failed is left, and what has a container is not touched.
    expect(await ctr("content", "active")).not.toMatch(/layer/);
    expect(await ctr("images", "ls", "-q")).toContain(reference("one"));
    expect(await ctr("images", "ls", "-q")).not.toContain(reference("two"));
    expect(await stateOf("one")).toBe("running");
    // There was something that nobody used.
    expect(manager.log()).toContain("Removed an image that nothing uses");
    await want(lab, { two });
    await expect.poll(() => stateOf("two"), { timeout: 60_000 }).toBe("running");
    expect(await reasonOf("two")).toBe("");
    expect(await ctr("images", "ls", "-q")).not.toContain(reference("one"));
    // What holds the namespaces is never removed.
    expect(await ctr("images", "ls", "-q")).toContain("ballast.local/pause:1");
  });
});
