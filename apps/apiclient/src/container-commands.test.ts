import { describe, expect, it } from "vitest";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient } from "./test-process.ts";

const api = playedApi();
const { env } = api;

describe("containers", () => {
  it("shows how they are, and why one is not", async () => {
    const web = {
      name: "web",
      kind: "workload",
      state: "running",
      since: "2026-11-24T12:00:00.123Z",
      restarts: 2,
      exit_code: 1,
      health: "unhealthy",
      health_reason: "port 80 refuses",
      image: "registry.example.org/web:1",
      digest: `sha256:${"0123456789abcdef".repeat(4)}`,
      reason: null,
      next_try: null,
      cpu_usage_us: 1_500_000,
      memory_bytes: 12_000_000,
      pids: 3,
    };
    const bad = {
      ...{ ...web, name: "bad", state: "waiting", since: null, restarts: 0, exit_code: null },
      ...{ health: "none", health_reason: null },
      ...{ cpu_usage_us: null, memory_bytes: null, pids: null },
      ...{ digest: null, reason: "Cannot pull", next_try: "2026-11-24T12:00:05.5Z" },
    };
    const admin = { ...bad, name: "bad", kind: "host" };
    api.replies = { "GET /containers": { status: 200, body: [bad, admin, web] } };
    expect(await apiclient(["containers"], { env })).toEqual({
      status: 0,
      stdout: [
        "NAME      STATE    HEALTH     SINCE                 RESTARTS  EXIT  CPU  MEMORY  DIGEST               IMAGE",
        "bad       waiting  -          -                     0         -     -    -       -                    registry.example.org/web:1",
        "host/bad  waiting  -          -                     0         -     -    -       -                    registry.example.org/web:1",
        "web       running  unhealthy  2026-11-24T12:00:00Z  2         1     0%   12Mi    sha256:0123456789ab  registry.example.org/web:1",
        "bad: Cannot pull (again at 2026-11-24T12:00:05Z)",
        "host/bad: Cannot pull (again at 2026-11-24T12:00:05Z)",
        "web: unhealthy: port 80 refuses",
        "",
      ].join("\n"),
      stderr: "",
    });
    const json = await apiclient(["containers", "--json"], { env });
    expect(JSON.parse(json.stdout)).toEqual([bad, admin, web]);
    api.replies = { "GET /containers": { status: 200, body: [] } };
    expect((await apiclient(["containers"], { env })).stdout).toBe("No containers\n");
  });
});
