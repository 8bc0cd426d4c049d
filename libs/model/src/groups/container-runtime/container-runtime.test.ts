import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { effectiveSettings } from "../../effective.ts";
import { flatten, isTable } from "../../keys.ts";
import { affectedServices, renderService, SERVICES } from "../../services.ts";
import { parsePatch } from "../../patch.ts";
import { Credentials } from "../container-registry/credentials.ts";

const CRI = "io.containerd.grpc.v1.cri";

function render(settings: Record<string, unknown>) {
  const entry = SERVICES.find(({ service }) => service.name === "container-runtime");
  if (entry === undefined) throw new Error("no service");
  return renderService(entry, effectiveSettings(flatten(settings)));
}

function criOf(settings: Record<string, unknown>): Record<string, unknown> {
  const { plugins } = parse(render(settings)[0]?.text ?? "");
  const cri: unknown = isTable(plugins) ? plugins[CRI] : undefined;
  return isTable(cri) ? cri : {};
}

describe("settings.container-runtime", () => {
  it("is the whole section of the CRI plugin, in a file that only root reads", () => {
    const [file] = render({});
    expect([file?.path, file?.mode]).toEqual(["containerd/cri.toml", 0o600]);
    expect(parse(file?.text ?? "")["version"]).toBe(2);
    expect(criOf({})).toEqual({
      sandbox_image: "ballast.local/pause:1",
      max_container_log_line_size: 16_384,
      max_concurrent_downloads: 3,
      enable_unprivileged_ports: true,
      enable_unprivileged_icmp: false,
      enable_cdi: true,
      cdi_spec_dirs: ["/run/ballast/containers/cdi"],
      cni: { bin_dir: "/usr/lib/cni", conf_dir: "/run/ballast/etc/cni/net.d" },
      containerd: {
        runtimes: {
          runc: { runtime_type: "io.containerd.runc.v2", options: { SystemdCgroup: true } },
          "link-local": {
            runtime_type: "io.containerd.runc.v2",
            options: { SystemdCgroup: true },
            cni_conf_dir: "/run/ballast/etc/cni/link-local.d",
          },
        },
      },
      registry: { config_path: "/run/ballast/etc/containerd/certs.d", configs: {} },
    });
  });

  it("holds what is set, and the credentials of registries", () => {
    const set = { "max-concurrent-downloads": 7, "enable-unprivileged-ports": true };
    const credentials = {
      "docker.io": { username: "robot", password: 'x"\n[y]' },
      "ghcr.io:444": { identitytoken: "t" },
    };
    expect(
      criOf({ "container-runtime": set, "container-registry": { credentials } }),
    ).toMatchObject({
      max_concurrent_downloads: 7,
      enable_unprivileged_ports: true,
      registry: {
        configs: {
          // containerd looks the credentials of docker.io up by the host that it asks.
          "registry-1.docker.io": { auth: { username: "robot", password: 'x"\n[y]' } },
          "ghcr.io:444": { auth: { identitytoken: "t" } },
        },
      },
    });
  });

  it("comes back from its file whatever a password holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (password) => {
        const entry = { username: "robot", password };
        if (!Credentials.safeParse(entry).success) return;
        const cri = criOf({ "container-registry": { credentials: { "a.io": entry } } });
        expect(cri["registry"]).toMatchObject({ configs: { "a.io": { auth: entry } } });
      }),
    );
  });

  it("is made anew when credentials change, and not when mirrors do", () => {
    const names = (key: string) => affectedServices([key]).map(({ service }) => service.name);
    expect(names('container-registry.credentials."a.io".password')).toEqual(["container-runtime"]);
    expect(names('container-registry.mirrors."a.io"')).toEqual(["container-registry"]);
    expect(names("container-runtime.max-concurrent-downloads")).toEqual(["container-runtime"]);
  });

  it.each([
    ["max-container-log-line-size", -1],
    ["max-container-log-line-size", 1023],
    ["max-container-log-line-size", 4 * 1024 * 1024 + 1],
    ["max-container-log-line-size", 2000.5],
    ["max-concurrent-downloads", 0],
    ["max-concurrent-downloads", 65],
    ["max-concurrent-downloads", "3"],
    ["enable-unprivileged-ports", "yes"],
    ["enable-unprivileged-icmp", 1],
    ["subnet", "10.88.0.0"],
    ["subnet", "10.88.0.1/16"],
    ["subnet", "10.0.0.0/15"],
    ["subnet", "10.88.0.0/25"],
    ["subnet", "fd00::/20"],
    ["subnet", "10.88.0.0/16 "],
    ["subnet", 16],
  ])("refuses %s = %j", (field, value) => {
    expect(parsePatch({ "container-runtime": { [field]: value } })).toMatchObject({
      issues: [{ key: `container-runtime.${field}`, reason: expect.stringContaining("must be") }],
    });
  });
});
