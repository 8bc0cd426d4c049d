import { createMemoryExec, createMemoryFs, type Exec, type Fs } from "@ballast/system";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cisText } from "@ballast/model/cis-text";
import {
  closedRules,
  createWorld,
  GOOD_FILES,
  lookAt,
  type WorldOptions,
} from "./machine.fixture.ts";
import { CIS_CHECKS, runChecks } from "./run-checks.ts";

async function resultOf(id: string, world: WorldOptions) {
  const checks = CIS_CHECKS.filter((check) => check.id === id);
  const report = await runChecks(lookAt(await createWorld(world)), 2, checks);
  const [result] = report.checks;
  if (result === undefined) throw new Error(`There is no check ${id}`);
  return result;
}

const file = (path: string, text: string | undefined): WorldOptions => ({
  files: { [path]: text },
});
const sysctl = (name: string, value: string): WorldOptions =>
  file(`/proc/sys/${name}`, `${value}\n`);
const v4 = (interfaceName: string, name: string, value: string): WorldOptions =>
  sysctl(`net/ipv4/conf/${interfaceName}/${name}`, value);
const cmdline = GOOD_FILES["/proc/cmdline"] ?? "";
const mounts = GOOD_FILES["/proc/1/mountinfo"] ?? "";
const open = closedRules("127.0.0.0/8").replaceAll(" DROP [", " ACCEPT [");

describe("on a machine on which all is as it should be", () => {
  it("every automatic check passes, and every manual one waits for a person", async () => {
    const report = await runChecks(lookAt(await createWorld()), 2);
    expect(report).toMatchObject({
      status: "PASS",
      counts: { PASS: 24, FAIL: 0, SKIP: 4, ERROR: 0 },
    });
    for (const { mode, status, evidence } of report.checks) {
      expect(status).toBe(mode === "manual" ? "SKIP" : "PASS");
      expect(evidence).toMatch(/^\S.*\.$/);
    }
  });

  it("level 1 leaves level 2 out", async () => {
    const { checks, level } = await runChecks(lookAt(await createWorld()), 1);
    expect(level).toBe(1);
    expect(checks.map(({ id }) => id)).toEqual([
      "1.2.1",
      "1.3.1",
      "1.4.1",
      "1.4.2",
      "1.4.3",
      "1.5.1",
      "1.6",
      "2.1.1.1",
      "4.1.1.1",
      "4.1.2",
    ]);
  });
});

describe("a fault is found, and said", () => {
  it.each<[string, WorldOptions, string]>([
    ["1.1.1.1", file("/proc/filesystems", "\tudf\n"), "names it"],
    [
      "1.1.1.1",
      { files: { "/proc/modules": "", "/proc/sys/kernel/modules_disabled": "0\n" } },
      "a module may bring it",
    ],
    [
      "1.3.1",
      file("/proc/1/mountinfo", mounts.replace("22 1 254:0", "22 1 254:3")),
      "does not check",
    ],
    ["1.3.1", file("/sys/block/dm-0/dev", undefined), "does not check"],
    ["1.3.1", file("/proc/cmdline", "root=/dev/dm-0\n"), "not told to check"],
    ["1.3.1", file("/proc/cmdline", cmdline.replace(" verity ", " linear ")), "not told to check"],
    [
      "1.3.1",
      file("/proc/cmdline", cmdline.replace(" 1 panic_on_corruption", "")),
      "does not stop",
    ],
    // Another mount over the root is what programs see.
    ["1.3.1", file("/proc/1/mountinfo", `${mounts}90 22 0:99 / / rw - tmpfs tmpfs rw\n`), "tmpfs"],
    ["1.4.1", sysctl("fs/suid_dumpable", "2"), "is 2"],
    ["1.4.2", sysctl("kernel/randomize_va_space", "1"), "is 1"],
    ["1.4.3", sysctl("kernel/unprivileged_bpf_disabled", "0"), "is 0"],
    ["1.4.4", sysctl("user/max_user_namespaces", "15000"), "is 15000"],
    ["1.5.1", file("/sys/kernel/security/lsm", "lockdown,capability,yama\n"), "no SELinux"],
    ["1.5.1", file("/sys/fs/selinux/enforce", "0"), "permissive"],
    ["1.5.2", file("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n"), "none"],
    ["2.1.1.1", { units: { "chronyd.service": "failed" } }, "is failed"],
    ["2.1.1.1", { units: {} }, "is inactive"],
    ["2.1.1.1", file("/run/ballast/etc/chrony/settings.sources", "# none\n"), "0 sources"],
    ["3.1.1", v4("eth0", "send_redirects", "1"), "eth0.send_redirects is 1"],
    ["3.2.1", v4("default", "accept_source_route", "1"), "default.accept_source_route is 1"],
    ["3.2.2", sysctl("net/ipv6/conf/all/accept_redirects", "1"), "ipv6.conf.all"],
    ["3.2.3", v4("all", "secure_redirects", "1"), "must be 0"],
    ["3.2.4", v4("all", "log_martians", "0"), "must be 1"],
    ["3.2.5", sysctl("net/ipv4/icmp_echo_ignore_broadcasts", "0"), "is 0"],
    ["3.2.6", sysctl("net/ipv4/icmp_ignore_bogus_error_responses", "0"), "is 0"],
    ["3.2.7", sysctl("net/ipv4/tcp_syncookies", "2"), "is 2"],
    ["3.3.1", file("/proc/net/protocols", "protocol size\nSCTPv6 1 0\n"), "names it"],
    ["3.4.1.1", { rules: { iptables: "" } }, "no table filter"],
    ["3.4.1.1", { rules: { iptables: open } }, "INPUT ACCEPT"],
    ["3.4.1.2", { rules: { iptables: closedRules("10.0.0.0/8") } }, "127.0.0.0/8"],
    ["3.4.2.1", { rules: { ip6tables: open } }, "INPUT ACCEPT"],
    ["3.4.2.2", { rules: { ip6tables: "" } }, "0 rules"],
    [
      "4.1.1.1",
      file("/proc/1/mountinfo", `${mounts}40 31 0:50 / /var/log rw - tmpfs tmpfs rw\n`),
      "gone after a restart",
    ],
    [
      "4.1.1.1",
      {
        files: Object.fromEntries(
          Object.keys(GOOD_FILES)
            .filter((path) => path.endsWith(".journal"))
            .map((path) => [path, undefined]),
        ),
      },
      "There is no",
    ],
    ["4.1.2", { journalMode: 0o644 }, "0644"],
  ])("%s", async (id, world, said) => {
    const { status, evidence } = await resultOf(id, world);
    expect([status, evidence]).toEqual(["FAIL", expect.stringContaining(said)]);
  });

  it.each<[string, WorldOptions]>([
    // Neither modules nor IPv6 nor user namespaces must be there to be closed.
    ["1.1.1.1", { files: { "/proc/modules": "", "/proc/sys/kernel/modules_disabled": "1\n" } }],
    [
      "1.4.4",
      {
        files: {
          "/proc/self/ns/user": undefined,
          "/proc/self/ns/net": "",
          "/proc/sys/user/max_user_namespaces": undefined,
        },
      },
    ],
    [
      "3.2.2",
      {
        files: Object.fromEntries(
          Object.keys(GOOD_FILES)
            .filter((path) => path.includes("/ipv6/"))
            .map((path) => [path, undefined]),
        ),
      },
    ],
    ["3.2.4", v4("eth0", "log_martians", "0")],
  ])("%s passes where a thing does not exist or does not matter", async (id, world) => {
    expect(await resultOf(id, world)).toMatchObject({ status: "PASS" });
  });
});

describe("a check that cannot look is an ERROR", () => {
  it("where there is nothing to see at all", async () => {
    const report = await runChecks(lookAt({ fs: createMemoryFs(), exec: createMemoryExec({}) }), 2);
    const passed = report.checks.filter(({ status }) => status === "PASS");
    expect(passed).toEqual([]);
    // Told by the settings alone.
    expect(report.checks.filter(({ status }) => status !== "ERROR").map(({ id }) => id)).toEqual([
      "1.2.1",
    ]);
    expect(report.status).toBe("ERROR");
  });

  it.each([
    ["/proc/sys/kernel/randomize_va_space", "1.4.2", "yes"],
    ["/sys/kernel/security/lockdown", "1.5.2", "integrity"],
    ["/proc/net/protocols", "3.3.1", "nothing"],
    ["/proc/1/mountinfo", "1.3.1", "22 1 254:0"],
  ])("where %s has another form", async (path, id, text) => {
    expect(await resultOf(id, file(path, text))).toMatchObject({ status: "ERROR" });
  });

  it("where the rules of the firewall are not readable as such", async () => {
    const result = await resultOf("3.4.1.1", { rules: { iptables: "iptables: not permitted" } });
    expect(result).toMatchObject({
      status: "ERROR",
      evidence: expect.stringContaining("Cannot read"),
    });
  });

  it("whichever of its looks fails, and however", async () => {
    for (const check of CIS_CHECKS) {
      const { looks } = await counted(check.id, Number.POSITIVE_INFINITY);
      // Whether the source of updates is the right one is told by the settings alone.
      if (check.id === "1.2.1") continue;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: looks }), async (at) => {
          const { status } = await counted(check.id, at);
          expect([check.id, at, status]).toEqual([check.id, at, "ERROR"]);
        }),
        { numRuns: 20 },
      );
    }
  });
});

/** Runs one check of a good machine whose look number `at` fails. */
async function counted(
  id: string,
  at: number,
): Promise<{ status: string | undefined; looks: number }> {
  const { fs, exec } = await createWorld();
  let looks = 0;
  const guard = <Value>(look: () => Promise<Value>): Promise<Value> => {
    looks += 1;
    return looks === at ? Promise.reject(new Error("EACCES")) : look();
  };
  const guardedFs: Fs = {
    ...fs,
    readText: (path, options) => guard(() => fs.readText(path, options)),
    list: (path) => guard(() => fs.list(path)),
    exists: (path) => guard(() => fs.exists(path)),
    mode: (path) => guard(() => fs.mode(path)),
  };
  const guardedExec: Exec = { ...exec, run: (request) => guard(() => exec.run(request)) };
  const checks = CIS_CHECKS.filter((check) => check.id === id);
  const report = await runChecks(lookAt({ fs: guardedFs, exec: guardedExec }), 2, checks);
  return { status: report.checks[0]?.status, looks };
}

it("ids are unique and in order, and the text has all of them", async () => {
  const ids = CIS_CHECKS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(28);
  const report = await runChecks(lookAt(await createWorld({ journalMode: 0o644 })), 2);
  const text = cisText(report);
  for (const { id, title, evidence } of report.checks) {
    expect(text).toContain(id);
    expect(text).toContain(title);
    expect(text).toContain(evidence);
  }
  expect(text).toContain("FAIL: 23 passed, 1 failed, 4 for a person to judge, 0 could not look");
});
