import { createServer } from "node:http";
import { Health } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine, unitsJson, type Machine } from "./machine.ts";

async function configured(): Promise<Machine> {
  const machine = await startMachine();
  expect(await machine.configure()).toBe(0);
  return machine;
}

/** Checks that are not met, by name. */
async function unmet(machine: Machine): Promise<Record<string, string>> {
  const reply = await machine.call("GET", "/health");
  const { checks, status } = Health.parse(reply.json);
  expect(reply.status).toBe(status === "healthy" ? 200 : 503);
  return Object.fromEntries(
    checks
      .filter((check) => check.status !== "ok")
      .map(({ name, status: verdict, reason }) => [name, `${verdict}: ${reason}`]),
  );
}

describe("GET /health", () => {
  it("asks containerd itself, not only systemd", async () => {
    await using machine = await configured();
    expect(await unmet(machine)).toEqual({});
    machine.stopContainerd();
    await machine.until(async () => "containerd" in (await unmet(machine)));
    expect((await unmet(machine))["containerd"]).toMatch(
      /^failed: containerd does not answer: .*(ENOENT|ECONNREFUSED)/,
    );
  });

  it("demands every unit that the image calls essential", async () => {
    await using machine = await configured();
    machine.write("units.json", unitsJson({ "containerd.service": "active" }));
    await machine.until(async () => "essential-units" in (await unmet(machine)));
    expect(await unmet(machine)).toEqual({
      "essential-units": "waiting: network.service is inactive",
    });
  });

  it("runs the user's checks, each under its name, and says which failed and why", async () => {
    let status = 503;
    const web = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => {
      web.listen(0, "127.0.0.1", resolve);
    });
    const address = web.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await using machine = await configured();
    const done = await machine.set({
      health: {
        web: { http: `http://127.0.0.1:${port}/ready?token=secret` },
        closed: { tcp: "127.0.0.1:1" },
        net: { unit: "network.service" },
      },
    });
    expect(done.status).toBe(200);
    expect(await unmet(machine)).toEqual({
      "health.web": `failed: http://127.0.0.1:${port}/ready answered 503, must be 2xx`,
      "health.closed": expect.stringContaining("ECONNREFUSED"),
    });
    await machine.until(() => machine.read("dev/console").includes("  failed    health.closed: "));
    status = 200;
    await machine.set({ health: { closed: null } });
    expect(await unmet(machine)).toEqual({});
    web.close();
  });

  it("answers in a bounded time whatever the user's checks wait for", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, "127.0.0.1", resolve);
    });
    const address = silent.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await using machine = await configured();
    const slow = { http: `http://127.0.0.1:${port}/`, "timeout-seconds": 1 };
    const names = Array.from({ length: 32 }, (_, index) => `c${index}`);
    await machine.set({ health: Object.fromEntries(names.map((name) => [name, slow])) });
    const startMs = performance.now();
    expect(Object.keys(await unmet(machine))).toHaveLength(32);
    expect(performance.now() - startMs).toBeLessThan(5000);
    silent.closeAllConnections();
    silent.close();
  });
});
