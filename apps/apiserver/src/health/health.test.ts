import { createMemoryExec } from "@ballast/system";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UNCONFIGURED, type BootState } from "../boot-state.ts";
import { serveGrpcHealth, type GrpcServer } from "./grpc-health.fixture.ts";
import { createHealthReader, type HealthParts } from "./health.ts";

let containerd: GrpcServer;
beforeAll(async () => {
  containerd = await serveGrpcHealth();
});
afterAll(() => {
  containerd.close();
});

const CONFIGURED: BootState = { ...UNCONFIGURED, isConfigured: true };

function unit(name: string, active: string): unknown {
  return { unit: name, load: "loaded", active, sub: "x", description: "d" };
}

function reader(units: unknown, parts: Partial<HealthParts> = {}, calls: string[] = []) {
  return createHealthReader({
    exec: createMemoryExec({
      "/usr/bin/systemctl": ({ args }) => {
        calls.push(args.join(" "));
        return {
          exitCode: 0,
          stdout: typeof units === "string" ? units : JSON.stringify(units),
          stderr: "",
        };
      },
    }),
    boot: () => CONFIGURED,
    database: { kind: "opened" },
    state: async () => ({ name: "state", status: "ok" }),
    nowMs: () => 0,
    essentialUnits: ["network.service"],
    containerdSocket: containerd.path,
    certificates: () => [],
    userChecks: () => ({}),
    trust: async () => Promise.reject(new Error("no check is by https")),
    parameters: async () => [],
    ...parts,
  });
}

const NETWORK = unit("network.service", "active");
const GOOD = [unit("containerd.service", "active"), NETWORK];

describe("health", () => {
  it("is healthy when everything is", async () => {
    const health = await reader(GOOD)();
    expect(health.status).toBe("healthy");
    expect(health.checks.map(({ name, status }) => [name, status])).toEqual([
      ["settings", "ok"],
      ["database", "ok"],
      ["state", "ok"],
      ["units", "ok"],
      ["essential-units", "ok"],
      ["containerd", "ok"],
    ]);
  });

  it.each([
    [[NETWORK], "starting", "containerd.service is inactive"],
    [
      [NETWORK, unit("containerd.service", "activating")],
      "starting",
      "containerd.service is activating",
    ],
    [[NETWORK, unit("containerd.service", "failed")], "degraded", "failed: containerd.service"],
    [[GOOD[0]], "starting", "network.service is inactive"],
    [[GOOD[0], unit("network.service", "deactivating")], "starting", "is deactivating"],
    [[GOOD[0], unit("network.service", "failed")], "degraded", "network.service is failed"],
    [[GOOD[0], unit("network.service", "reloading")], "healthy", "essential-units"],
    [
      [...GOOD, unit("x.mount", "failed"), unit("y.service", "failed")],
      "degraded",
      "failed: x.mount, y.service",
    ],
    ["no json", "degraded", "Cannot read the list of units"],
    [[{ nope: 1 }], "degraded", "Cannot read the list of units"],
  ])("with units %j is %s", async (units, status, reason) => {
    const health = await reader(units)();
    expect(health.status).toBe(status);
    expect(JSON.stringify(health)).toContain(reason);
  });

  const states: [BootState, string, string][] = [
    [{ ...CONFIGURED, isConfigured: false }, "starting", "not yet configured"],
    [
      {
        ...CONFIGURED,
        generators: [
          { name: "g", key: "settings.k", status: "failed", reason: "why", duration_ms: 1 },
          { name: "h", key: "settings.l", status: "none", reason: "not here", duration_ms: 1 },
        ],
      },
      "healthy",
      "not generated: settings.k: why",
    ],
    [{ ...CONFIGURED, userDataError: "bad toml" }, "degraded", "user data refused: bad toml"],
    [
      {
        ...CONFIGURED,
        services: [{ name: "hostname", action: "restarted", status: "failed", reason: "no" }],
      },
      "degraded",
      "hostname: no",
    ],
  ];

  it.each(states)("in boot state %j is %s", async (boot, status, reason) => {
    const health = await reader(GOOD, { boot: () => boot })();
    expect(health.status).toBe(status);
    expect(health.checks[0]?.reason).toContain(reason);
  });

  it("is healthy with a certificate that has ended, and warns", async () => {
    const ended = { name: "server-certificate", fromMs: 0, untilMs: 1 } as const;
    const health = await reader(GOOD, { certificates: () => [ended] })();
    expect(health.status).toBe("healthy");
    expect(health.checks.find(({ name }) => name === "certificates")).toMatchObject({
      status: "warning",
      reason: expect.stringContaining("has ended on 1970-01-01"),
    });
  });

  it("does not wait for the unit that waits for it", async () => {
    const units = [...GOOD, unit("mark-successful-boot.service", "activating")];
    expect((await reader(units)()).status).toBe("healthy");
  });

  it("is degraded when the database had to be replaced", async () => {
    const database = { kind: "replaced", keptAs: "/x.damaged-1", reason: "bad" } as const;
    expect((await reader(GOOD, { database })()).status).toBe("degraded");
  });

  it("is degraded when the image does not say what is essential", async () => {
    const health = await reader(GOOD, { essentialUnits: undefined })();
    expect(health.checks.find(({ name }) => name === "essential-units")).toEqual({
      name: "essential-units",
      status: "failed",
      reason: 'the image lacks "/usr/lib/ballast/essential-units"',
    });
  });

  it("is degraded when containerd is active and does not answer", async () => {
    const health = await reader(GOOD, { containerdSocket: "/nowhere.sock" })();
    expect(health.checks.find(({ name }) => name === "containerd")).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("ENOENT"),
    });
  });

  it("has a check for each of the user's, in order of their names", async () => {
    const userChecks = () => ({
      web: { unit: "network.service", "timeout-seconds": 1 },
      db: { unit: "db.service", "timeout-seconds": 1 },
      job: { unit: "job.service", "timeout-seconds": 1 },
    });
    const health = await reader([...GOOD, unit("job.service", "activating")], { userChecks })();
    expect(health.status).toBe("degraded");
    expect(health.checks.slice(-3)).toEqual([
      { name: "health.db", status: "failed", reason: "db.service is inactive" },
      { name: "health.job", status: "waiting", reason: "job.service is activating" },
      { name: "health.web", status: "ok" },
    ]);
  });

  it("looks anew at once when the user's checks have changed", async () => {
    let checks = {};
    const read = reader(GOOD, { userChecks: () => checks });
    expect((await read()).status).toBe("healthy");
    checks = { db: { unit: "db.service", "timeout-seconds": 1 } };
    expect((await read()).status).toBe("degraded");
  });

  it("looks again when settings were applied since", async () => {
    const calls: string[] = [];
    let boot = CONFIGURED;
    const read = reader(GOOD, { boot: () => boot }, calls);
    await read();
    boot = { ...CONFIGURED };
    await read();
    await read();
    expect(calls).toHaveLength(2);
  });

  it("asks systemd once for many who ask within 2 s", async () => {
    const calls: string[] = [];
    let nowMs = 0;
    const read = reader(GOOD, { nowMs: () => nowMs }, calls);
    await Promise.all([read(), read(), read()]);
    nowMs = 1999;
    await read();
    expect(calls).toHaveLength(1);
    nowMs = 2000;
    await read();
    expect(calls).toHaveLength(2);
  });
});
