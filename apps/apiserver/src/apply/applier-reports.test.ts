import { effectiveSettings } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryExec, createMemoryFs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { createApplier, type ApplierParts } from "./applier.ts";
import { sysctlFaults } from "./sysctl-faults.ts";

const IMAGE = { "/usr/lib/ballast/ca-certificates.crt": "" };

function bench(
  stored: Readonly<Record<string, unknown>>,
  more: Partial<ApplierParts> = {},
  exitCode = 0,
) {
  const calls: string[] = [];
  const logged: string[] = [];
  const fs = more.fs ?? createMemoryFs(IMAGE);
  const exec = createMemoryExec({
    "/usr/bin/systemctl": ({ args }) => {
      calls.push(args.slice(1).join(" "));
      return { exitCode, stdout: "", stderr: "job failed" };
    },
  });
  const applier = createApplier({
    fs,
    exec,
    log: createLog({ write: (line) => logged.push(line), journal: false }),
    effective: () => effectiveSettings(new Map(Object.entries(stored))),
    hooks: {},
    ...more,
  });
  return { applier, calls, fs, logged };
}

describe("reports of apply", () => {
  it("say of settings that nothing reads yet that they are only kept", async () => {
    const { applier, calls } = bench({ "oci-defaults.capabilities.chown": false });
    const kept = {
      name: "oci-defaults",
      action: "stored",
      status: "ok",
      reason: "is kept, and takes effect with a later version of Ballast",
    };
    expect(await applier.apply(["oci-defaults.capabilities.chown"])).toEqual([kept]);
    expect((await applier.apply(undefined)).at(-1)).toEqual(kept);
    expect(await bench({}).applier.apply(["oci-defaults.capabilities.chown"])).toEqual([
      { ...kept, reason: "is no longer set; it had no effect" },
    ]);
    expect(calls.join()).not.toContain("oci");
    expect((await bench({}).applier.apply(undefined)).map(({ action }) => action)).not.toContain(
      "stored",
    );
  });

  it("tell what a hook has to put off", async () => {
    const hooks = { lockdown: async () => ({ later: "takes effect at the next boot" }) };
    expect(await bench({}, { hooks }).applier.apply(["kernel.lockdown"])).toEqual([
      {
        name: "lockdown",
        action: "stored",
        status: "ok",
        reason: "takes effect at the next boot",
      },
    ]);
  });

  it("name the kernel parameters that failed", async () => {
    const fs = createMemoryFs({ "/proc/sys/vm/swappiness": "10\n" });
    const set = { 'kernel.sysctl."vm.swappiness"': "10", 'kernel.sysctl."vm.nope"': "1" };
    const { applier, calls } = bench(set, { fs, diagnoses: { sysctl: sysctlFaults(fs) } }, 1);
    const [report] = await applier.apply(["kernel.sysctl"]);
    expect(report).toMatchObject({ name: "sysctl", action: "restarted", status: "failed" });
    expect(report?.reason?.split("\n")).toEqual([
      'Cannot restart kernel-sysctl.service: systemctl says "job failed"',
      "See journalctl --unit=kernel-sysctl.service.",
      '"vm.nope" does not exist in this kernel',
    ]);
    expect(calls).toEqual(["restart kernel-sysctl.service"]);
  });

  it("tell of a file of the image that is missing", async () => {
    const fs = createMemoryFs();
    expect(await bench({}, { fs }).applier.apply(["pki"])).toMatchObject([
      { name: "pki", status: "failed", reason: expect.stringContaining("the image has no /usr") },
    ]);
  });
});

describe("applying container-registry", () => {
  it("restarts containerd for credentials, never for mirrors, and tells no secret", async () => {
    const host = 'container-registry.credentials."a.io"';
    const set = {
      'container-registry.mirrors."docker.io"': ["https://mirror.example.org"],
      [`${host}.username`]: "robot",
      [`${host}.password`]: "s3cr3t",
    };
    const { applier, calls, fs, logged } = bench(set, {}, 1);
    const mirrors = await applier.apply(['container-registry.mirrors."docker.io"']);
    expect(mirrors).toEqual([{ name: "container-registry", action: "rendered", status: "ok" }]);
    expect(calls).toEqual([]);
    const credentials = await applier.apply([`${host}.password`]);
    expect(credentials).toMatchObject([{ name: "container-runtime", status: "failed" }]);
    expect(calls).toEqual(["try-restart containerd.service host-containerd.service"]);
    expect(await fs.readText("/run/ballast/etc/containerd/cri.toml")).toContain("s3cr3t");
    expect(JSON.stringify([mirrors, credentials, logged])).not.toContain("s3cr3t");
  });
});
