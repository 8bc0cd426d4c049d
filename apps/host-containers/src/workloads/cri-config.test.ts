import { describe, expect, it } from "vitest";
import { containerConfig, sandboxConfig } from "./cri-config.ts";
import { PLACES } from "../places.ts";
import { linuxResources } from "./resources.ts";
import { workloadOf } from "./workload.fixture.ts";

/** Not that of the settings, which follows every key that is added to them. */
const HASH = "0123456789abcdef";
const made = { attempt: 2, imageId: "sha256:1" };

describe("sandboxConfig()", () => {
  it("publishes ports, and remembers which", () => {
    const ports = ["8080:80", "127.0.0.1:53:5353/udp", "[::1]:1:2/tcp"];
    const config = sandboxConfig(workloadOf("web", { ports, requires: ["db", "cache"] }), PLACES);
    expect(config.annotations).toEqual({
      "ballast.ports": "8080/tcp,127.0.0.1:53/udp,::1:1/tcp",
      "ballast.requires": "db,cache",
    });
    expect(config.portMappings).toEqual([
      { hostIp: "", hostPort: 8080, containerPort: 80, protocol: 0 },
      { hostIp: "127.0.0.1", hostPort: 53, containerPort: 5353, protocol: 1 },
      { hostIp: "::1", hostPort: 1, containerPort: 2, protocol: 0 },
    ]);
  });
});

describe("containerConfig()", () => {
  it("gives a container nothing that it was not given", () => {
    const workload = { ...workloadOf("web"), hash: HASH };
    expect(containerConfig(workload, made, PLACES)).toMatchSnapshot();
  });

  it("gives what it was given", () => {
    const workload = workloadOf("web", {
      command: ["/bin/server"],
      args: ["-v"],
      env: { A: "1" },
      "secret-env": { B: "2" },
      user: "1000:1001",
      volumes: { data: { path: "/data", "read-only": false } },
      "host-paths": { logs: { source: "/var/log/journal", path: "/logs", "read-only": true } },
      resources: { cpu: "250m", memory: "64Mi", pids: 10 },
      capabilities: ["CHOWN", "SETUID"],
      "extra-capabilities": ["CHOWN", "NET_RAW"],
      "read-only-root": false,
    });
    expect(containerConfig({ ...workload, hash: HASH }, made, PLACES)).toMatchSnapshot();
  });

  it("leaves the file of names to those who bring their own", () => {
    const volumes = { names: { path: "/etc/hosts", "read-only": true } };
    const { mounts } = containerConfig(workloadOf("web", { volumes }), made, PLACES);
    expect(mounts?.map(({ hostPath }) => hostPath)).toEqual([`${PLACES.volumes}/names`]);
  });

  it("drops nothing of a privileged one", () => {
    const config = containerConfig(workloadOf("web", { privileged: true }), made, PLACES);
    expect(config.linux?.securityContext).toMatchObject({
      privileged: true,
      noNewPrivs: false,
      seccomp: { profileType: 1 },
    });
    expect(config.linux?.securityContext).not.toHaveProperty("capabilities");
  });
});

describe("linuxResources()", () => {
  it.each([
    [{ cpu: "2" }, { cpuPeriod: 100_000n, cpuQuota: 200_000n }],
    [{ cpu: "0.5" }, { cpuPeriod: 100_000n, cpuQuota: 50_000n }],
    [{ cpu: "1m" }, { cpuPeriod: 100_000n, cpuQuota: 1000n }],
    [{ memory: "6Mi" }, { memoryLimitInBytes: 6_291_456n, memorySwapLimitInBytes: 6_291_456n }],
    [{ memory: "1Ti" }, { memoryLimitInBytes: 1n << 40n, memorySwapLimitInBytes: 1n << 40n }],
    [{ pids: 7 }, { unified: { "pids.max": "7" } }],
    [{}, {}],
  ])("%j", (resources, limits) => {
    expect(linuxResources(resources)).toEqual(limits);
  });
});
