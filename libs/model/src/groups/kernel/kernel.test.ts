import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { checkRules, effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parseKeypairs } from "../../keypair.ts";
import { parsePatch } from "../../patch.ts";
import { needsReboot } from "../../services.ts";
import { guardOf } from "./guarded-sysctls.ts";
import { IMAGE_SYSCTLS } from "./image-sysctls.ts";
import { kernel } from "./kernel.ts";
import { SysctlKey, sysctlPath } from "./sysctl-key.ts";

function judge(sysctl: Record<string, string>): string[] {
  const effective = effectiveSettings(flatten({ kernel: { sysctl } }));
  return checkRules(effective).map(({ key, reason }) => `${key} ${reason}`);
}

function render(name: string, value: { sysctl?: Record<string, string>; lockdown?: string }) {
  const service = kernel.services.find((candidate) => candidate.name === name);
  const whole = kernel.schema.parse({ lockdown: "integrity", sysctl: {}, ...value });
  return service?.files.map((file) => file.render(whole));
}

describe("SysctlKey", () => {
  it.each([
    "net.ipv4.ip_forward",
    "net/ipv4/ip_forward",
    "net.ipv4.conf.eth0/100.forwarding",
    "net/ipv4/conf/eth0.100/forwarding",
    "kernel.sched-x_1",
    "a".repeat(128),
  ])("takes %s", (key) => {
    expect(SysctlKey.safeParse(key).success).toBe(true);
  });

  it.each([
    "",
    ".net",
    "/net",
    "-net.ipv4.ip_forward",
    "net..ipv4",
    "net//ipv4",
    "net/../kernel/hostname",
    // Each of these has no `..` and would be a path with one.
    "x.//.kernel.hostname",
    "a.//.b",
    "net./.x",
    "net.",
    "net/ipv4/",
    "net/./ipv4",
    "net.*.x",
    "net ipv4",
    "a=b",
    "a\nb",
    "ä",
    "a".repeat(129),
  ])("refuses %j", (key) => {
    expect(SysctlKey.safeParse(key).success).toBe(false);
  });

  it("never leads out of /proc/sys, nor to a folder", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./-]{1,12}$/), (key) => {
        if (!SysctlKey.safeParse(key).success) return;
        const names = sysctlPath(key).split("/");
        expect(names).not.toContain("..");
        expect(names).not.toContain(".");
        expect(names).not.toContain("");
      }),
    );
  });
});

describe("kernel.sysctl", () => {
  it("is set with its name in quotes, and holds texts", () => {
    expect(parseKeypairs(['kernel.sysctl."net.ipv4.ip_forward"=1'])).toEqual({
      ok: true,
      changes: [{ key: 'kernel.sysctl."net.ipv4.ip_forward"', value: "1" }],
    });
  });

  it.each(["", " 1", "1 ", "1\n", "a\tb", "é", "x".repeat(1025)])(
    "refuses the value %j",
    (value) => {
      const result = parsePatch({ kernel: { sysctl: { "vm.swappiness": value } } });
      expect(result).toMatchObject({ issues: [{ key: 'kernel.sysctl."vm.swappiness"' }] });
    },
  );

  it("is rendered as one line each, and as an empty file when there is none", () => {
    const sysctl = { "net.ipv4.ip_forward": "1", "net.ipv4.tcp_rmem": "4096 131072 6291456" };
    expect(render("sysctl", { sysctl })).toEqual([
      "net.ipv4.ip_forward = 1\nnet.ipv4.tcp_rmem = 4096 131072 6291456\n",
    ]);
    expect(render("sysctl", {})).toEqual([""]);
  });

  it("may not weaken what guards the kernel, however it is written", () => {
    expect(judge({ "kernel.kptr_restrict": "2", "net.ipv4.conf.all.rp_filter": "0" })).toEqual([]);
    expect(judge({ "kernel.kptr_restrict": "1" })).toEqual([
      'kernel.sysctl."kernel.kptr_restrict" must be at least 2 so that the kernel is guarded no less than by the image',
    ]);
    expect(judge({ "kernel/kptr_restrict": "0" })).toHaveLength(1);
    expect(judge({ "kernel.hostname": "x" })).toEqual([
      'kernel.sysctl."kernel.hostname" must be set by network.hostname',
    ]);
  });

  it.each([
    ["kernel.yama.ptrace_scope", "0", false],
    ["kernel.yama.ptrace_scope", "3", true],
    ["kernel.yama.ptrace_scope", "-1", false],
    ["kernel.yama.ptrace_scope", "0x2", false],
    ["kernel.yama.ptrace_scope", "02", false],
    ["kernel.yama.ptrace_scope", "2 0", false],
    ["kernel.unprivileged_bpf_disabled", "0", false],
    ["kernel.panic", "0", false],
    ["kernel.panic", "30", true],
    ["fs.suid_dumpable", "1", false],
    ["fs.suid_dumpable", "0", true],
    ["kernel.core_pattern", "|/usr/bin/x", false],
    ["fs.binfmt_misc.register", ":x:", false],
    ["vm.drop_caches", "3", false],
    ["vm.mmap_min_addr", "0", false],
    ["vm.mmap_min_addr", "65536", true],
    ["net.core.somaxconn", "4096", true],
    ["user.max_user_namespaces", "0", true],
  ])("%s = %s is allowed: %j", (key, value, isAllowed) => {
    expect(guardOf(key, value) === undefined).toBe(isAllowed);
  });

  it("may not set one parameter by two names", () => {
    expect(judge({ "net.ipv4.ip_forward": "1", "net/ipv4/ip_forward": "0" })).toEqual([
      'kernel.sysctl."net/ipv4/ip_forward" must not be set twice: "net.ipv4.ip_forward" is the same parameter',
    ]);
  });

  it("has a bound, which a patch and what is stored must keep", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`net.x${index}`, "1"]));
    expect(parsePatch({ kernel: { sysctl: many(257) } })).toEqual({
      ok: false,
      issues: [{ key: "kernel.sysctl", reason: "must have at most 256 entries" }],
    });
    expect(judge(many(256))).toEqual([]);
    expect(judge(many(257))).toEqual(["kernel.sysctl must have at most 256 entries"]);
  });
});

describe("what waits for a restart of the machine", () => {
  const before = { 'kernel.sysctl."net.ipv4.ip_forward"': "1" };
  const reboot = (old: Record<string, unknown>, now: Record<string, unknown>) =>
    needsReboot(
      [...Object.keys(old), ...Object.keys(now)],
      effectiveSettings(new Map(Object.entries(old))),
      effectiveSettings(new Map(Object.entries(now))),
    );

  it("is a parameter that is taken away and that the image does not set", () => {
    expect(reboot(before, {})).toBe(true);
    expect(reboot(before, { 'kernel.sysctl."net/ipv4/ip_forward"': "0" })).toBe(false);
    expect(reboot({}, before)).toBe(false);
    expect(reboot({ 'kernel.sysctl."net.ipv4.conf.eth0.rp_filter"': "1" }, {})).toBe(false);
    expect(reboot({ 'kernel.sysctl."kernel.panic"': "5" }, {})).toBe(false);
  });

  it("is a lower lockdown", () => {
    expect(reboot({ "kernel.lockdown": "confidentiality" }, {})).toBe(true);
    expect(reboot({}, { "kernel.lockdown": "confidentiality" })).toBe(false);
  });

  it("follows from what the image sets", () => {
    const text = readFileSync(
      new URL(
        "../../../../../images/standalone/rootfs/usr/lib/sysctl.d/60-ballast.conf",
        import.meta.url,
      ),
      "utf8",
    );
    const keys = [...text.matchAll(/^([a-z][^ ]*) = /gm)].map(([, key]) => sysctlPath(key ?? ""));
    // The other file, of the package systemd, sets one parameter.
    expect(["kernel/pid_max", ...keys]).toEqual(IMAGE_SYSCTLS);
  });
});

describe("kernel.lockdown", () => {
  it("is written by systemd-tmpfiles", () => {
    expect(render("lockdown", { lockdown: "confidentiality" })).toEqual([
      "w /sys/kernel/security/lockdown - - - - confidentiality\n",
    ]);
  });

  it.each(["none", "", "Integrity", true])("cannot be %j", (lockdown) => {
    expect(parsePatch({ kernel: { lockdown } })).toEqual({
      ok: false,
      issues: [{ key: "kernel.lockdown", reason: "must be integrity or confidentiality" }],
    });
  });
});
