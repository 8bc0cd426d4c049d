import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, RuntimeService } from "@ballast/containerd/cri";
import { WorkloadList, type WorkloadStatus } from "@ballast/model";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, PROBE_IMAGE, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const image = PROBE_IMAGE;
/** A volume whose files tell containers how to be. */
const VOLUME = "var/lib/ballast-containers/volumes/moods";
const volumes = { moods: { path: "/moods", "read-only": true } };

let lab: ContainersLab;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;

beforeAll(async () => {
  lab = await startLab();
  channel = new Channel(lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await want(lab, {});
  manager = await startManager(lab);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

afterEach(async () => {
  await want(lab, {});
  await vi.waitUntil(async () => (await statuses()).length === 0, SOON);
});

async function statuses(): Promise<WorkloadList> {
  const text = await readFile(lab.path("run/ballast/containers/state.json"), "utf8");
  return WorkloadList.parse(JSON.parse(text));
}

async function statusOf(name: string): Promise<WorkloadStatus | undefined> {
  return (await statuses()).find((status) => status.name === name);
}

async function healthOf(name: string): Promise<string | undefined> {
  return (await statusOf(name))?.health;
}

async function running(name: string) {
  const labelSelector = { "ballast.container": name };
  const { containers } = await runtime.listContainers({ filter: { labelSelector } });
  return containers.find(({ state }) => state === ContainerState.CONTAINER_RUNNING);
}

async function exec(name: string, ...cmd: string[]): Promise<[number, string]> {
  const containerId = (await running(name))?.id ?? "";
  const answer = await runtime.execSync({ containerId, cmd, timeout: 10n });
  return [answer.exitCode, Buffer.from(answer.stdout).toString()];
}

/** A container that serves is well while this file is there. */
async function setMood(file: string, isWell: boolean): Promise<void> {
  await mkdir(lab.path(VOLUME), { recursive: true });
  if (isWell) await writeFile(lab.path(`${VOLUME}/${file}`), "");
  else await rm(lab.path(`${VOLUME}/${file}`));
}

function serves(more: Readonly<Record<string, unknown>> = {}) {
  return { image, args: ["serve", "80", "hello"], ...more };
}

describe.runIf(CAN_RUN_LAB)("the health of a workload", { timeout: 60_000 }, () => {
  it("is that of its check, by a program, HTTP or TCP", async () => {
    await want(lab, {
      none: serves(),
      exec: serves({ health: { command: ["/probe", "ask", "127.0.0.1", "80"] } }),
      http: serves({ health: { port: 80, path: "/ready?token=s3cr3t" } }),
      tcp: serves({ health: { port: 80 } }),
      refuses: { image, health: { port: 80, "on-unhealthy": "report" } },
      wrong: serves({
        args: ["serve", "80", "no", "/nothing"],
        health: { port: 80, path: "/ready?token=s3cr3t", "on-unhealthy": "report" },
      }),
      fails: { image, health: { command: ["/probe", "end", "0", "3"], "on-unhealthy": "report" } },
      hangs: { image, health: { command: ["/probe", "hold"], "on-unhealthy": "report" } },
      missing: { image, health: { command: ["/none"], "on-unhealthy": "report" } },
    });
    const settled = async () =>
      Object.fromEntries((await statuses()).map(({ name, health }) => [name, health]));
    await expect.poll(settled, SOON).toEqual({
      ...{ none: "none", exec: "healthy", http: "healthy", tcp: "healthy" },
      ...{ refuses: "unhealthy", wrong: "unhealthy", fails: "unhealthy" },
      ...{ hangs: "unhealthy", missing: "unhealthy" },
    });
    const reasons = (await statuses()).map(({ health_reason: reason }) => reason);
    expect(reasons).toEqual([
      null,
      "the program of the check ended with 3",
      "no answer in 2 s",
      null,
      expect.stringContaining("/none"),
      null,
      expect.stringMatching(/^port 80: connect ECONNREFUSED 10\.88\./),
      null,
      "port 80 answered 503",
    ]);
    expect(JSON.stringify(await statuses())).not.toContain("s3cr3t");
    // What is only told goes on.
    expect((await statusOf("fails"))?.restarts).toBe(0);
  });

  it("makes it start anew, each time later, and again when it is well", async () => {
    await setMood("web", true);
    await want(lab, {
      web: serves({
        args: ["serve", "80", "hello", "/moods/web"],
        health: { port: 80, path: "/" },
        // An end with 0 is no reason to start it again, but that it was unhealthy is.
        ...{ volumes, restart: "on-failure" },
      }),
    });
    await expect.poll(() => healthOf("web"), SOON).toBe("healthy");
    const first = await running("web");
    await setMood("web", false);
    await expect.poll(() => healthOf("web"), SOON).toBe("unhealthy");
    // It is left running for a second.
    expect((await running("web"))?.id).toBe(first?.id);
    await expect.poll(async () => (await statusOf("web"))?.restarts, SOON).toBe(1);
    await expect.poll(async () => (await statusOf("web"))?.restarts, SOON).toBe(2);
    await setMood("web", true);
    await expect.poll(() => healthOf("web"), SOON).toBe("healthy");
    expect((await running("web"))?.metadata?.attempt).toBeGreaterThan(1);
    expect(manager.log()).toContain("A container is unhealthy container=web");
  });

  it("is looked at anew, and nothing else, when only its check changes", async () => {
    await want(lab, { web: serves({ health: { port: 81, "start-period-seconds": 60 } }) });
    await expect.poll(() => healthOf("web"), SOON).toBe("starting");
    const { id } = (await running("web")) ?? {};
    await want(lab, { web: serves({ health: { port: 80 } }) });
    await expect.poll(() => healthOf("web"), SOON).toBe("healthy");
    expect((await running("web"))?.id).toBe(id);
    await want(lab, { web: serves() });
    await expect.poll(() => healthOf("web"), SOON).toBe("none");
    expect((await running("web"))?.id).toBe(id);
  });

  it("is found out again by a manager that starts", async () => {
    await want(lab, { web: serves({ health: { port: 80 } }) });
    await expect.poll(() => healthOf("web"), SOON).toBe("healthy");
    const { id } = (await running("web")) ?? {};
    await manager.end("SIGKILL");
    manager = await startManager(lab);
    await expect.poll(() => healthOf("web"), SOON).toBe("healthy");
    expect((await running("web"))?.id).toBe(id);
    // One that dies of old age meanwhile leaves no check behind.
    await lab.stopContainerd("SIGKILL");
    await lab.startContainerd();
    await want(lab, {});
    await expect.poll(async () => (await statuses()).length, SOON).toBe(0);
  });
});

describe.runIf(CAN_RUN_LAB)("workloads that require others", { timeout: 90_000 }, () => {
  it("come up one after another, ten of them, each healthy before the next", async () => {
    const names = Array.from({ length: 10 }, (_, at) => `c${at}`);
    const chain = names.map((name, at) => {
      const requires = at === 0 ? [] : [`c${at - 1}`];
      // Each reaches the one before by its name, or is not healthy.
      const before = at === 0 ? "127.0.0.1" : `c${at - 1}`;
      const health = { command: ["/probe", "ask", before, "80"], "start-period-seconds": 60 };
      return [name, serves({ requires, health })];
    });
    // The order in the settings says nothing.
    await want(lab, Object.fromEntries(chain.toReversed()));
    await expect
      .poll(() => statusOf("c9"), SOON)
      .toMatchObject({
        state: "waiting",
        reason: "waits for c8",
        next_try: null,
      });
    const isWell = async () => (await statuses()).every(({ health }) => health === "healthy");
    await expect.poll(isWell, { timeout: 60_000 }).toBe(true);
    const created = await Promise.all(names.map(running));
    const times = created.map((container) => container?.createdAt ?? 0n);
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)));
    // Only the one whose settings change is made anew, and those that require it go on.
    await want(lab, {
      ...Object.fromEntries(chain),
      c4: serves({ args: ["serve", "80", "other"], requires: ["c3"] }),
    });
    await expect
      .poll(() => exec("c5", "/probe", "ask", "c4", "80").catch(String), SOON)
      .toEqual([0, "other"]);
    const after = await Promise.all(names.map(running));
    const isSame = after.map((container, at) => container?.id === created[at]?.id);
    expect(isSame).toEqual(names.map((name) => name !== "c4"));
  });

  it("wait for what fails, and for what is to end with 0", async () => {
    await want(lab, {
      migrate: { image, args: ["end", "500", "0"], restart: "never" },
      app: serves({ requires: ["migrate"] }),
      broken: { image, args: ["end", "0", "3"], restart: "never" },
      stuck: serves({ requires: ["broken"] }),
      off: serves({ enabled: false }),
      later: serves({ requires: ["off"] }),
    });
    await expect.poll(() => statusOf("app"), SOON).toMatchObject({ state: "running" });
    expect(await statusOf("migrate")).toMatchObject({ state: "ended", exit_code: 0 });
    expect(await statusOf("stuck")).toMatchObject({ state: "waiting", reason: "waits for broken" });
    expect(await statusOf("later")).toMatchObject({
      state: "waiting",
      reason: "waits for off, which is disabled",
    });
  });
});

describe.runIf(CAN_RUN_LAB)("names of workloads", { timeout: 60_000 }, () => {
  it("lead to them, also after they were made anew, and go with them", async () => {
    const client = { image };
    await want(lab, { web: serves(), client });
    const ask = () => exec("client", "/probe", "ask", "web", "80").catch(String);
    await expect.poll(ask, SOON).toEqual([0, "hello"]);
    expect(await exec("web", "/probe", "ask", "web", "80")).toEqual([0, "hello"]);
    expect(await exec("web", "/probe", "show", "/proc/sys/kernel/hostname")).toEqual([0, "web\n"]);
    // What the machine knows is there too.
    const hosts = async () => (await exec("client", "/probe", "show", "/etc/hosts"))[1];
    expect(await hosts()).toContain("127.0.0.1 localhost registry.lab");
    expect((await exec("client", "/probe", "put", "/etc/hosts", "x"))[0]).toBe(111);
    const before = /^(\S+) web/m.exec(await hosts())?.[1];
    const { id } = (await running("client")) ?? {};
    await want(lab, { web: serves({ args: ["serve", "80", "second"] }), client });
    await expect.poll(ask, SOON).toEqual([0, "second"]);
    expect(/^(\S+) web/m.exec(await hosts())?.[1]).not.toBe(before);
    await lab.writeFiles([{ path: "hosts", mode: 0o644, text: "10.1.2.3 elsewhere\n" }]);
    await want(lab, { client });
    await expect.poll(hosts, SOON).toContain("10.1.2.3 elsewhere");
    await expect.poll(hosts, SOON).not.toContain("web");
    expect((await running("client"))?.id).toBe(id);
  });
});
