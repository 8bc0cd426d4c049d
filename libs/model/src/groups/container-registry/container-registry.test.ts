import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, withoutSecrets } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { renderService, SERVICES } from "../../services.ts";
import { hostDirectory } from "./hosts-toml.ts";
import { Endpoint, MirroredHost, RegistryHost } from "./registry-host.ts";

function effective(registry: unknown): Map<string, unknown> {
  return effectiveSettings(flatten({ "container-registry": registry }));
}

function judge(registry: unknown): string[] {
  return checkRules(effective(registry)).map(({ key, reason }) => `${key} ${reason}`);
}

function render(mirrors: Record<string, string[]>) {
  const entry = SERVICES.find(({ service }) => service.name === "container-registry");
  return entry === undefined ? [] : renderService(entry, effective({ mirrors }));
}

describe("names of registries", () => {
  it.each(["docker.io", "registry-1.example.org:5000", "localhost", "10.0.0.1:80", "a"])(
    "%s is one",
    (host) => {
      expect(RegistryHost.safeParse(host).success).toBe(true);
      expect(MirroredHost.safeParse(host).success).toBe(true);
    },
  );

  it.each([
    "",
    "..",
    "../x",
    "a/../b",
    "a/b",
    "/etc",
    "_default",
    ".docker.io",
    "docker.io.",
    "docker..io",
    "Docker.io",
    "docker.io:",
    "docker.io:0",
    "docker.io:65536",
    "docker.io:1:2",
    "https://docker.io",
    "user@docker.io",
    'x"]\ny',
    "-a",
    "**",
    "*.example.org",
    "a".repeat(254),
  ])("%j is none", (host) => {
    expect(RegistryHost.safeParse(host).success).toBe(false);
    expect(MirroredHost.safeParse(host).success).toBe(false);
  });

  it("lead to folders of their own, whatever they are", () => {
    expect(hostDirectory("*")).toBe("_default");
    expect(hostDirectory("localhost:5000")).toBe("localhost_5000_");
    const isFolder = fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[a-z.:/*-]{1,8}$/)),
      (host) => {
        if (!MirroredHost.safeParse(host).success) return;
        expect(hostDirectory(host)).toMatch(/^[a-z0-9_][a-z0-9._-]*$/);
      },
    );
    fc.assert(isFolder);
  });
});

describe("container-registry.mirrors", () => {
  it.each([
    "https://mirror.example.org",
    "http://10.0.0.1:5000",
    "https://[fd00::1]:5000/",
    "https://harbor.example.org/v2/proxy-cache",
  ])("takes %s", (endpoint) => {
    expect(Endpoint.safeParse(endpoint).success).toBe(true);
  });

  it.each([
    "mirror.example.org",
    "ftp://a",
    "https://",
    "https://user:word@a",
    "https://a?x=1",
    "https://a#x",
    "https://a b",
    'https://a/"]\nskip_verify = true',
    "https://a:99999",
    "https://[::1",
    "https://[fe80:::1]",
    "HTTPS://a",
    `https://a/${"x".repeat(1024)}`,
  ])("refuses %j", (endpoint) => {
    expect(Endpoint.safeParse(endpoint).success).toBe(false);
  });

  it("becomes a hosts.toml for each registry, in the order of the list", () => {
    const files = render({
      "docker.io": ["https://z.example.org", "https://a.example.org/v2/hub"],
      "localhost:5000": ["http://10.0.0.1:5000"],
      "*": ["https://all.example.org/"],
    });
    expect(files.map(({ path, mode, text }) => [path, mode, parse(text)])).toEqual([
      [
        "containerd/certs.d/docker.io/hosts.toml",
        0o644,
        {
          host: {
            "https://z.example.org": { capabilities: ["pull", "resolve"] },
            "https://a.example.org/v2/hub": {
              capabilities: ["pull", "resolve"],
              override_path: true,
            },
          },
        },
      ],
      [
        "containerd/certs.d/localhost_5000_/hosts.toml",
        0o644,
        { host: { "http://10.0.0.1:5000": { capabilities: ["pull", "resolve"] } } },
      ],
      [
        "containerd/certs.d/_default/hosts.toml",
        0o644,
        { host: { "https://all.example.org/": { capabilities: ["pull", "resolve"] } } },
      ],
    ]);
    expect(files[0]?.text.indexOf("https://z")).toBeLessThan(
      files[0]?.text.indexOf("https://a") ?? 0,
    );
    expect(render({})).toEqual([]);
  });

  it.each([
    [{ mirrors: { "docker.io": [] } }, "must have at least one mirror"],
    [
      { mirrors: { "docker.io": ["https://a", "https://a"] } },
      "must not have the same mirror twice",
    ],
    [
      { mirrors: { "docker.io": Array.from({ length: 17 }, (_, i) => `https://a${i}`) } },
      "must have at most 16 mirrors",
    ],
    [{ mirrors: { "docker.io": "https://a" } }, "must be an array"],
  ])("refuses %j", (patch, reason) => {
    expect(parsePatch({ "container-registry": patch })).toMatchObject({ issues: [{ reason }] });
  });
});

describe("container-registry.credentials", () => {
  const basic = Buffer.from("robot:pass:word").toString("base64");

  it.each([
    { username: "robot", password: 'pa"ss\\w#ör d' },
    { auth: basic },
    { identitytoken: "eyJ.x.y" },
  ])("are complete with %j", (entry) => {
    expect(parsePatch({ "container-registry": { credentials: { "docker.io": entry } } }).ok).toBe(
      true,
    );
    expect(judge({ credentials: { "docker.io": entry } })).toEqual([]);
  });

  it.each([
    [{ username: "robot" }, "must have both username and password, or neither"],
    [{ password: "x" }, "must have both username and password, or neither"],
    [{ username: "robot", password: "x", auth: basic }, "must have exactly one of"],
    [{ auth: basic, identitytoken: "x" }, "must have exactly one of"],
  ])("are not complete with %j", (entry, reason) => {
    expect(judge({ credentials: { "docker.io": entry } })).toEqual([
      expect.stringContaining(`container-registry.credentials."docker.io" ${reason}`),
    ]);
  });

  it.each([
    ["username", "robot:x"],
    ["username", ""],
    ["username", "robot\nx"],
    ["password", "secret\n"],
    ["password", "secret\u0000"],
    ["password", "secret\ud800"],
    ["identitytoken", "secret\u001b"],
    ["auth", "secret"],
    ["auth", Buffer.from("secretwithoutcolon").toString("base64")],
    ["auth", Buffer.from(":secret").toString("base64")],
    ["auth", `${basic}\n`],
    ["password", "s".repeat(16 * 1024 + 1)],
  ])("refuse %s = %j without quoting it", (field, value) => {
    const entry = { "docker.io": { [field]: value } };
    const result = parsePatch({ "container-registry": { credentials: entry } });
    expect(result).toMatchObject({
      issues: [{ key: `container-registry.credentials."docker.io".${field}` }],
    });
    expect(JSON.stringify(result)).not.toContain(value.slice(0, 6) || "nothing to leak");
  });

  it("show nothing but the user name", () => {
    const credentials = {
      "docker.io": { username: "robot", password: "x" },
      "ghcr.io": { auth: basic },
      "quay.io": { identitytoken: "x" },
    };
    const shown = [...withoutSecrets(effective({ credentials })).keys()];
    expect(shown.filter((key) => key.startsWith("container-registry"))).toEqual([
      'container-registry.credentials."docker.io".username',
    ]);
  });

  it("have a bound", () => {
    const credentials = Object.fromEntries(
      Array.from({ length: 65 }, (_, i) => [`r${i}.io`, { auth: basic }]),
    );
    expect(parsePatch({ "container-registry": { credentials } })).toMatchObject({
      issues: [{ key: "container-registry.credentials", reason: "must have at most 64 entries" }],
    });
  });
});
