import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, nestSettings, withoutSecrets } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { ImageReference } from "./image-reference.ts";
import { parsePort } from "./ports.ts";
import { CpuQuantity, MemoryQuantity } from "./quantities.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

function effective(containers: unknown): Map<string, unknown> {
  return effectiveSettings(flatten({ containers }));
}

function judge(containers: unknown): string[] {
  return checkRules(effective(containers)).map(({ key, reason }) => `${key} ${reason}`);
}

describe("ImageReference", () => {
  it.each([
    "docker.io/library/nginx",
    "docker.io/library/nginx:1.29",
    `docker.io/library/nginx@${DIGEST}`,
    `registry.example.org:5000/a/b_c/d-e.f:v1@${DIGEST}`,
    "localhost/x",
    "localhost:5000/x:latest",
    "[fd00::1]:5000/x",
    "10.0.0.1:80/x",
  ])("takes %s", (text) => {
    expect(ImageReference.safeParse(text).success).toBe(true);
  });

  it.each([
    "",
    "nginx",
    "library/nginx",
    "nginx:1.29",
    "https://docker.io/library/nginx",
    "docker.io/",
    "docker.io/Library/nginx",
    "docker.io/library//nginx",
    "docker.io/../nginx",
    "docker.io/library/nginx:",
    "docker.io/library/nginx:a b",
    "docker.io/library/nginx@sha256:abc",
    "docker.io/library/nginx@md5:0123",
    "docker.io/library/nginx\n",
    "user@docker.io/library/nginx",
    "-docker.io/x",
    `docker.io/${"x".repeat(512)}`,
  ])("refuses %j", (text) => {
    expect(ImageReference.safeParse(text).success).toBe(false);
  });
});

describe("parsePort()", () => {
  it.each([
    ["8080:80", { address: undefined, hostPort: 8080, containerPort: 80, protocol: "tcp" }],
    [
      "127.0.0.1:53:5353/udp",
      { address: "127.0.0.1", hostPort: 53, containerPort: 5353, protocol: "udp" },
    ],
    ["[::1]:1:65535/tcp", { address: "::1", hostPort: 1, containerPort: 65_535, protocol: "tcp" }],
  ])("reads %s", (text, port) => {
    expect(parsePort(text)).toEqual(port);
  });

  it.each([
    "",
    "80",
    ":80",
    "80:",
    "0:80",
    "80:0",
    "65536:80",
    "80:65536",
    "8080:80/sctp",
    "a:80:80",
    "127.0.0:1:1",
    "[127.0.0.1]:1:1",
    "::1:1:1",
    "1:1:1:1",
    "080:80",
    "80:80\n",
  ])("refuses %j", (text) => {
    expect(parsePort(text)).toBeUndefined();
  });
});

describe("quantities", () => {
  it.each(["1", "0.5", "250m", "0.001", "1024", "1m"])("%s is a number of processors", (text) => {
    expect(CpuQuantity.safeParse(text).success).toBe(true);
  });
  it.each(["", "0", "0m", "0.0", "-1", "1.", ".5", "1e3", "1025", "1024001m", "0.0001", "1 ", "m"])(
    "%j is none",
    (text) => {
      expect(CpuQuantity.safeParse(text).success).toBe(false);
    },
  );
  it.each(["6Mi", "256Mi", "2Gi", "6144Ki", "64Ti"])("%s is a size of memory", (text) => {
    expect(MemoryQuantity.safeParse(text).success).toBe(true);
  });
  it.each(["", "5Mi", "6143Ki", "65Ti", "1G", "256M", "1.5Gi", "-1Gi", "0256Mi", "256", "1Ei"])(
    "%j is none",
    (text) => {
      expect(MemoryQuantity.safeParse(text).success).toBe(false);
    },
  );
});

describe("settings.containers", () => {
  const web = {
    image: "docker.io/library/nginx:1.29",
    command: ["/usr/sbin/nginx"],
    args: ["-g", "daemon off;\n", ""],
    env: { MODE: "plain" },
    "secret-env": { TOKEN: "s3cr3t" },
    user: "1000:1000",
    capabilities: ["CHOWN", "SETUID"],
    "extra-capabilities": ["NET_RAW"],
    tmpfs: { cache: { path: "/var/cache", size: "16Mi" } },
    ports: ["8080:80"],
    volumes: { data: { path: "/var/lib/data" } },
    "host-paths": { logs: { source: "/var/log/journal", path: "/logs" } },
    resources: { cpu: "500m", memory: "256Mi", pids: 100 },
    restart: "on-failure",
    requires: ["db"],
    health: { path: "/ready", port: 8080, retries: 5 },
  };
  const db = { image: web.image, health: { command: ["/bin/ready"] } };

  it("takes a whole container, and fills in what was left out", () => {
    expect(parsePatch({ containers: { web, db } }).ok).toBe(true);
    expect(judge({ web, db })).toEqual([]);
    expect(nestSettings(effective({ web })).containers["web"]).toMatchObject({
      enabled: true,
      privileged: false,
      volumes: { data: { path: "/var/lib/data", "read-only": false } },
      "host-paths": { logs: { "read-only": true } },
      health: { "timeout-seconds": 5, retries: 5 },
    });
    expect(nestSettings(effective({ a: { image: web.image } })).containers["a"]).toEqual({
      image: web.image,
      enabled: true,
      privileged: false,
      "read-only-root": true,
      "allow-link-local": false,
      restart: "always",
      "pre-stop": { "timeout-seconds": 30 },
      "stop-grace-seconds": 10,
      env: {},
      "secret-env": {},
      tmpfs: {},
      volumes: {},
      "host-paths": {},
      resources: {},
      health: {
        "interval-seconds": 10,
        "timeout-seconds": 5,
        retries: 3,
        "start-period-seconds": 30,
        "on-unhealthy": "restart",
      },
    });
  });

  it("needs an image, and what each mount is", () => {
    expect(judge({ web: { enabled: false } })).toEqual(["containers.web.image must be set"]);
    expect(judge({ web: { image: web.image, "host-paths": { x: { path: "/x" } } } })).toEqual([
      "containers.web.host-paths.x.source must be set",
    ]);
  });

  it.each([
    [{ image: "nginx" }, "image"],
    [{ args: "-g" }, "args"],
    [{ args: ["a\u0000b"] }, "args[0]"],
    [{ args: Array.from({ length: 129 }, () => "") }, "args"],
    [{ command: ["x".repeat(4097)] }, "command[0]"],
    [{ env: { "A=B": "x" } }, 'env."A=B"'],
    [{ env: { "1A": "x" } }, "env.1A"],
    [{ env: { A: "a\u0000" } }, "env.A"],
    [{ env: { A: 1 } }, "env.A"],
    [{ "secret-env": { A: "s3cr3t\u0000" } }, "secret-env.A"],
    [{ user: "root" }, "user"],
    [{ ports: ["80"] }, "ports[0]"],
    [{ ports: ["80:1", "80:2"] }, "ports"],
    [{ volumes: { "../x": { path: "/x" } } }, 'volumes."../x"'],
    [{ volumes: { x: { path: "x" } } }, "volumes.x.path"],
    [{ volumes: { x: { path: "/a/../b" } } }, "volumes.x.path"],
    [{ volumes: { x: { path: "/" } } }, "volumes.x.path"],
    [{ "host-paths": { x: { source: "/a//b" } } }, "host-paths.x.source"],
    [{ "host-paths": { x: { source: "/a\n" } } }, "host-paths.x.source"],
    [{ resources: { cpu: 1 } }, "resources.cpu"],
    [{ resources: { pids: 0 } }, "resources.pids"],
    [{ restart: "sometimes" }, "restart"],
    [{ privileged: "yes" }, "privileged"],
    [{ "allow-link-local": 1 }, "allow-link-local"],
    [{ "read-only-root": 1 }, "read-only-root"],
    [{ tmpfs: { x: { path: "/x", size: "1" } } }, "tmpfs.x.size"],
    [{ tmpfs: { x: { path: "/x/" } } }, "tmpfs.x.path"],
    [{ capabilities: ["chown"] }, "capabilities[0]"],
    [{ capabilities: ["CHOWN", "CHOWN"] }, "capabilities"],
    [{ "extra-capabilities": ["CAP_NET_RAW"] }, "extra-capabilities[0]"],
    [{ requires: ["../x"] }, "requires[0]"],
    [{ requires: Array.from({ length: 17 }, () => "a") }, "requires"],
    [{ health: { command: [] } }, "health.command"],
    [{ health: { port: 0 } }, "health.port"],
    [{ health: { port: "80" } }, "health.port"],
    [{ health: { path: "ready" } }, "health.path"],
    [{ health: { path: "/a b" } }, "health.path"],
    [{ health: { path: "/a\r\nX: y" } }, "health.path"],
    [{ health: { "interval-seconds": 0 } }, "health.interval-seconds"],
    [{ health: { "timeout-seconds": 61 } }, "health.timeout-seconds"],
    [{ health: { retries: 0 } }, "health.retries"],
    [{ health: { "start-period-seconds": -1 } }, "health.start-period-seconds"],
    [{ health: { "on-unhealthy": "stop" } }, "health.on-unhealthy"],
    [{ health: { http: "http://a/" } }, "health.http"],
    [{ cmd: [] }, "cmd"],
  ])("refuses %j and names the key, not the value", (container, key) => {
    const result = parsePatch({ containers: { web: container } });
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => issue.key.replace(/\.(\d+)$/, "[$1]"))).toEqual([
      `containers.web.${key}`,
    ]);
    expect(JSON.stringify(issues)).not.toContain("s3cr3t");
  });

  it.each(["../x", "a/b", "a.b", "A", "-a", "", "a".repeat(64), "a\n", "a@b"])(
    "refuses the name %j",
    (name) => {
      expect(parsePatch({ containers: { [name]: { image: web.image } } }).ok).toBe(false);
    },
  );

  it("says where the capabilities are that an operator cannot give", () => {
    expect(parsePatch({ containers: { web: { capabilities: ["SYS_ADMIN"] } } })).toMatchObject({
      issues: [{ reason: expect.stringContaining("must be in extra-capabilities") }],
    });
    expect(parsePatch({ containers: { web: { capabilities: ["SYS_EVIL"] } } })).toMatchObject({
      issues: [{ reason: expect.stringContaining("must be a capability without CAP_") }],
    });
  });

  it("hides the variables that are secret", () => {
    const shown = [...withoutSecrets(effective({ web })).keys()];
    expect(shown).toContain("containers.web.env.MODE");
    expect(shown.filter((key) => key.includes("secret-env"))).toEqual([]);
  });

  it("refuses what two containers, or two fields of one, cannot share", () => {
    const { image } = web;
    expect(
      judge({
        a: { image, ports: ["80:1", "127.0.0.1:80:1"] },
        b: { image, ports: ["80:2/tcp", "80:2/udp"] },
      }),
    ).toEqual(['containers.b.ports must not publish a port that container "a" publishes']);
    const mounts = {
      volumes: { x: { path: "/x" } },
      "host-paths": { y: { source: "/y", path: "/x" } },
    };
    expect(judge({ a: { image, ...mounts } })).toEqual([
      "containers.a.host-paths.y.path must not be the path of another volume, host path or tmpfs",
    ]);
    const inMemory = { volumes: { x: { path: "/x" } }, tmpfs: { y: { path: "/x" } } };
    expect(judge({ a: { image, ...inMemory } })).toEqual([
      "containers.a.tmpfs.y.path must not be the path of another volume, host path or tmpfs",
    ]);
    expect(judge({ a: { image, env: { A: "1" }, "secret-env": { A: "2" } } })).toEqual([
      "containers.a.secret-env.A must not be in env too",
    ]);
  });

  it("refuses a check of two kinds, and an order that cannot be", () => {
    const { image } = web;
    expect(judge({ a: { image, health: { command: ["x"], port: 1 } } })).toEqual([
      "containers.a.health must not have both command and port",
    ]);
    expect(judge({ a: { image, health: { path: "/" } } })).toEqual([
      "containers.a.health must not have path without port",
    ]);
    expect(judge({ a: { image, requires: ["b"] }, b: { image, requires: ["a"] } })).toEqual([
      "containers.a.requires must not lead back to itself: a -> b -> a",
    ]);
  });

  it("answers 10,000 containers with one sentence", () => {
    const all = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`c${index}`, { image: web.image }]),
    );
    expect(parsePatch({ containers: all })).toEqual({
      ok: false,
      issues: [{ key: "containers", reason: "must have at most 128 entries" }],
    });
    expect(judge(all)).toEqual(["containers must have at most 128 entries"]);
  });
});

it.each([
  [{ "pre-stop": { command: [] } }, "pre-stop.command"],
  [{ "pre-stop": { command: "sync" } }, "pre-stop.command"],
  [{ "pre-stop": { "timeout-seconds": 0 } }, "pre-stop.timeout-seconds"],
  [{ "pre-stop": { "timeout-seconds": 121 } }, "pre-stop.timeout-seconds"],
  [{ "stop-grace-seconds": 0 }, "stop-grace-seconds"],
  [{ "stop-grace-seconds": 121 }, "stop-grace-seconds"],
])("the end of a container cannot be %j", (more, field) => {
  expect(parsePatch({ containers: { a: more } })).toMatchObject({
    issues: [{ key: `containers.a.${field}` }],
  });
});
