import { createMemoryExec } from "@ballast/system";
import { describe, expect, it } from "vitest";
import type { BootState } from "../boot-state.ts";
import { createHealthReader, type HealthParts } from "./health.ts";

const CONFIGURED: BootState = { isConfigured: true, userDataError: null, services: [] };

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
    nowMs: () => 0,
    ...parts,
  });
}

const GOOD = [unit("containerd.service", "active")];

describe("health", () => {
  it("is healthy when everything is", async () => {
    const health = await reader(GOOD)();
    expect(health.status).toBe("healthy");
    expect(health.checks.map(({ name, status }) => [name, status])).toEqual([
      ["settings", "ok"],
      ["database", "ok"],
      ["units", "ok"],
      ["containerd", "ok"],
    ]);
  });

  it.each([
    [[], "starting", "containerd.service is inactive"],
    [[unit("containerd.service", "activating")], "starting", "containerd.service is activating"],
    [[unit("containerd.service", "failed")], "degraded", "failed: containerd.service"],
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

  it("does not wait for the unit that waits for it", async () => {
    const units = [...GOOD, unit("mark-successful-boot.service", "activating")];
    expect((await reader(units)()).status).toBe("healthy");
  });

  it("is degraded when the database had to be replaced", async () => {
    const database = { kind: "replaced", keptAs: "/x.damaged-1", reason: "bad" } as const;
    expect((await reader(GOOD, { database })()).status).toBe("degraded");
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
