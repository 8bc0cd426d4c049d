import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createClient } from "@ballast/containerd";
import { Containers } from "@ballast/containerd/services";
import { WorkloadList } from "@ballast/model";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startHostLab, type HostLab } from "./host-lab.ts";
import { CAN_RUN_LAB, SOON } from "./lab.ts";
import { startBootstrap } from "./manager.ts";

const CONFIG = "run/ballast/etc/bootstrap-containers/containers.json";

let world: HostLab;

beforeAll(async () => {
  world = await startHostLab();
  const { lab } = world;
  await mkdir(lab.path("root/usr/lib/ballast/client"), { recursive: true });
  await writeFile(lab.path("root/usr/lib/ballast/client/apiclient"), "");
  await mkdir(lab.path("run/ballast/etc/bootstrap-containers"), { recursive: true });
  await mkdir(lab.path("run/ballast/containers"), { recursive: true });
}, 60_000);

afterAll(() => world[Symbol.asyncDispose]());

beforeEach(() => {
  world.journal.lines.length = 0;
});

const DEFAULTS = { mode: "always", essential: false, resources: {} };

function probe(...words: string[]) {
  return { source: world.image, command: ["/probe", ...words] };
}

/** One boot, with these; answers what ran, in order, whether it was well, and how they are. */
async function boot(containers: Readonly<Record<string, object>>) {
  const { lab, journal } = world;
  const whole = Object.entries(containers).map(([name, one]) => [name, { ...DEFAULTS, ...one }]);
  const text = JSON.stringify({ "bootstrap-containers": Object.fromEntries(whole) });
  await writeFile(lab.path(`${CONFIG}.new`), text);
  await rename(lab.path(`${CONFIG}.new`), lab.path(CONFIG));
  const before = journal.lines.length;
  const program = await startBootstrap(lab);
  await expect.poll(() => program.hasEnded(), { timeout: 50_000 }).toBe(true);
  const ran = journal.lines
    .slice(before)
    .map(({ identifier, text: line }) => `${identifier} ${line}`);
  const state = await readFile(lab.path("run/ballast/containers/bootstrap.json"), "utf8");
  const isWell = !program.output().includes("An essential bootstrap container failed");
  return { ran, isWell, log: program.output(), statuses: WorkloadList.parse(JSON.parse(state)) };
}

describe.runIf(CAN_RUN_LAB)("bootstrap containers", { timeout: 60_000 }, () => {
  it("run one after another in the order of their names, and leave nothing but their storage", async () => {
    const { lab } = world;
    const starting = boot({ b: probe("print", "second"), a: probe("print", "first") });
    const marker = lab.path("run/ballast/containers/host-wanted");
    await expect.poll(() => existsSync(marker), SOON).toBe(true);
    await world.startHostContainerd();
    const { ran, isWell, statuses } = await starting;
    expect(isWell).toBe(true);
    expect(ran).toEqual(["bootstrap-a first", "bootstrap-b second"]);
    expect(statuses).toMatchObject([
      { name: "a", kind: "bootstrap", state: "ended", exit_code: 0 },
      { name: "b", kind: "bootstrap", state: "ended", exit_code: 0 },
    ]);
    const containers = createClient(Containers, world.channel, { namespace: "k8s.io" });
    expect((await containers.list({})).containers).toEqual([]);
    expect(existsSync(lab.path("var/lib/ballast-containers/bootstrap/a"))).toBe(true);
    expect(existsSync(marker)).toBe(false);
  });

  it("run once if they are to, until they have succeeded, and anew when their settings change", async () => {
    const once = { ...probe("print", "once"), mode: "once" };
    const fails = { ...probe("end", "0", "3"), mode: "once" };
    const first = await boot({ once, fails });
    expect(first.ran).toEqual(["bootstrap-once once"]);
    expect(first.statuses).toMatchObject([
      { name: "fails", state: "waiting", exit_code: 3 },
      { name: "once", state: "ended", exit_code: 0 },
    ]);
    const second = await boot({ once, fails });
    expect(second.ran).toEqual([]);
    expect(second.log).toContain("A bootstrap container failed container=bootstrap/fails");
    expect(second.statuses[1]).toMatchObject({ state: "ended", since: first.statuses[1]?.since });
    const changed = await boot({ once: { ...once, ...probe("print", "again") } });
    expect(changed.ran).toEqual(["bootstrap-once again"]);
  });

  it("end the boot of containers when an essential one fails, and not otherwise", async () => {
    const plain = await boot({ a: probe("end", "0", "3"), b: probe("print", "goes on") });
    expect([plain.isWell, plain.ran]).toEqual([true, ["bootstrap-b goes on"]]);
    const essential = { ...probe("end", "0", "3"), essential: true };
    const stopped = await boot({ a: essential, b: probe("print", "never") });
    expect([stopped.isWell, stopped.ran]).toEqual([false, []]);
  });

  it("may mount and see the machine, without every capability", async () => {
    const { ran } = await boot({ a: probe("show", "/proc/self/status") });
    // Those of engines, NET_ADMIN, SYS_MODULE, SYS_ADMIN, AUDIT_CONTROL.
    expect(ran.join("\n")).toMatch(/CapEff:\t00000000e82535fb$/m);
    expect(ran.join("\n")).toMatch(/Seccomp:\t2$/m);
  });
});
