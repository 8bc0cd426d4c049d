import { statSync } from "node:fs";
import { join } from "node:path";
import { CommitReport, ProblemSchema } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine } from "./machine.ts";

const ETC = "run/ballast/etc";

describe("settings of kernel, authorities and containerd", () => {
  it("become files, and restart what reads them", async () => {
    await using machine = await startMachine();
    const reply = await machine.set({
      kernel: { sysctl: { "net.ipv4.ip_forward": "1" } },
      "container-registry": {
        mirrors: { "docker.io": ["https://mirror.example.org"] },
        credentials: { "docker.io": { username: "robot", password: "s3cr3t" } },
      },
    });
    expect(CommitReport.parse(reply.json).services).toEqual([
      { name: "sysctl", action: "restarted", status: "ok" },
      { name: "container-registry", action: "rendered", status: "ok" },
      { name: "container-runtime", action: "restarted", status: "ok" },
    ]);
    expect(machine.read(`${ETC}/kernel-sysctl.conf`)).toBe("net.ipv4.ip_forward = 1\n");
    expect(machine.read(`${ETC}/containerd/certs.d/docker.io/hosts.toml`)).toContain(
      '[host."https://mirror.example.org"]',
    );
    expect(machine.read(`${ETC}/containerd/cri.toml`)).toContain('password = "s3cr3t"');
    expect(statSync(join(machine.root, ETC, "containerd/cri.toml")).mode & 0o777).toBe(0o600);
    expect(machine.read("systemctl.log")).toContain("try-restart containerd.service");
    expect(machine.log).not.toContain("s3cr3t");
    const shown = await machine.call("GET", "/settings?prefix=settings.container-registry");
    expect(shown.text).toContain("robot");
    expect(shown.text).not.toContain("s3cr3t");

    await machine.set({ "container-registry": { mirrors: { "docker.io": null } } });
    expect(machine.has(`${ETC}/containerd/certs.d/docker.io`)).toBe(false);
  });

  it.each([
    [{ kernel: { sysctl: { "kernel.kptr_restrict": "0" } } }, '"kernel.kptr_restrict"'],
    [{ kernel: { sysctl: { "a.//.b": "0" } } }, '"a.//.b"'],
    [{ kernel: { lockdown: "none" } }, "kernel.lockdown"],
    [{ "container-registry": { mirrors: { "../x": ["https://a"] } } }, '"../x"'],
    [{ pki: { corp: { data: "x", trusted: true } } }, "pki.corp.data"],
  ])("%j is refused by its key, and changes nothing", async (settings, key) => {
    await using machine = await startMachine();
    const reply = await machine.set(settings);
    expect([reply.status, ProblemSchema.parse(reply.json).detail]).toEqual([
      400,
      expect.stringContaining(key),
    ]);
    expect(machine.has(ETC)).toBe(false);
  });
});

describe("containers", () => {
  it("are rendered for their manager alone, and listed before it has looked at them", async () => {
    await using machine = await startMachine();
    const reply = await machine.set({
      containers: { web: { image: "docker.io/library/nginx:1.29", "secret-env": { T: "s3cr3t" } } },
    });
    expect(CommitReport.parse(reply.json).services).toEqual([
      { name: "containers", action: "rendered", status: "ok" },
    ]);
    expect(JSON.parse(machine.read(`${ETC}/containers.json`))).toMatchObject({
      containers: { web: { restart: "always", "secret-env": { T: "s3cr3t" } } },
    });
    expect(statSync(join(machine.root, ETC, "containers.json")).mode & 0o777).toBe(0o600);
    const listed = await machine.call("GET", "/containers");
    expect([listed.status, listed.json]).toMatchObject([
      200,
      [{ name: "web", state: "starting", image: "docker.io/library/nginx:1.29", digest: null }],
    ]);
    for (const path of ["/settings", "/containers"])
      expect((await machine.call("GET", path)).text).not.toContain("s3cr3t");
  });

  it("answer 10,000 containers with one sentence", async () => {
    await using machine = await startMachine();
    const image = "docker.io/library/nginx:1.29";
    const names = Array.from({ length: 10_000 }, (_, index) => [`c${index}`, { image }] as const);
    const reply = await machine.set({ containers: Object.fromEntries(names) });
    expect(reply.status).toBe(400);
    expect(ProblemSchema.parse(reply.json).detail).toContain("must have at most 128 entries");
    expect(reply.text.length).toBeLessThan(1000);
    expect((await machine.call("GET", "/tx")).json).toEqual({});
  });
});
