import { once } from "node:events";
import { mkdir, readFile, rmdir } from "node:fs/promises";
import { createConnection } from "node:net";
import { WorkloadList } from "@ballast/model";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, PROBE_IMAGE, SOON, startLab } from "./lab.ts";
import { startManager, want } from "./manager.ts";

const STATE = "run/ballast/containers/state.json";
const HOST_STATE = "run/ballast/containers/host.json";
const WEB = { image: PROBE_IMAGE, args: ["hold"] };

let lab: ContainersLab;

beforeAll(async () => {
  if (CAN_RUN_LAB) lab = await startLab();
}, 60_000);
afterAll(async () => {
  if (CAN_RUN_LAB) await lab[Symbol.asyncDispose]();
});

async function statuses(): Promise<WorkloadList> {
  return WorkloadList.parse(JSON.parse(await readFile(lab.path(STATE), "utf8")));
}

/** A file cannot be put in its place while a folder is where it is written first. */
async function obstruct(path: string): Promise<AsyncDisposable> {
  const obstacle = lab.path(`${path}.new`);
  await mkdir(obstacle, { recursive: true });
  return { [Symbol.asyncDispose]: () => rmdir(obstacle) };
}

describe.runIf(CAN_RUN_LAB)("a manager that cannot go on", { timeout: 60_000 }, () => {
  it("ends at once, so that it is started anew; its containers go on", async () => {
    await want(lab, { web: WEB });
    const manager = await startManager(lab);
    await expect
      .poll(async () => statuses().catch(() => []), SOON)
      .toMatchObject([{ name: "web", state: "running" }]);
    const [before] = await statuses();
    // Someone waits at its socket, and its check of the container goes on.
    const client = createConnection(lab.path("run/ballast/containers/exec.sock"));
    client.on("error", () => undefined);
    await once(client, "connect");
    {
      await using _ = await obstruct(STATE);
      await want(lab, { web: WEB, other: { ...WEB, health: { exec: ["/probe", "print"] } } });
      await expect.poll(() => manager.exitCode(), { timeout: 4000 }).toBe(70);
    }
    expect(manager.log()).toContain("EISDIR");
    client.destroy();
    const next = await startManager(lab);
    await expect.poll(statuses, SOON).toMatchObject([
      { name: "other", state: "running" },
      { name: "web", state: "running", since: before?.since, restarts: 0 },
    ]);
    await next.end("SIGTERM");
  });

  it("of host containers alone ends as well", async () => {
    await using _ = await obstruct(HOST_STATE);
    const manager = await startManager(lab);
    await expect.poll(() => manager.exitCode(), { timeout: 4000 }).toBe(70);
    expect(manager.log()).toContain("EISDIR");
  });
});
