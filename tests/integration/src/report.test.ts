import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CisReport } from "@ballast/model";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { startMachine, type Machine } from "./machine.ts";

const RULES = ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
const FILES = {
  "proc/filesystems": "nodev\tproc\n\text4\n",
  "proc/sys/kernel/randomize_va_space": "2\n",
  "proc/sys/fs/suid_dumpable": "0\n",
  "proc/sys/kernel/unprivileged_bpf_disabled": "0\n",
  "firewall/iptables.rules": `*filter\n${RULES}COMMIT\n`,
};

const verdicts = (report: CisReport): Readonly<Record<string, string>> =>
  Object.fromEntries(report.checks.map(({ id, status }) => [id, status]));

describe("GET /report/cis", () => {
  it("looks at the machine: what is there, what is wrong, what cannot be seen", async () => {
    await using machine = await startMachine(FILES);
    const reply = await machine.call("GET", "/report/cis?level=2");
    const report = CisReport.parse(reply.json);
    expect(verdicts(report)).toMatchObject({
      "1.1.1.1": "PASS",
      "1.2.1": "SKIP",
      "1.3.1": "ERROR",
      "1.4.1": "PASS",
      "1.4.2": "PASS",
      "1.4.3": "FAIL",
      "1.5.1": "ERROR",
      "1.5.2": "PASS",
      "3.4.1.1": "FAIL",
      "3.4.2.1": "ERROR",
    });
    expect(report.status).toBe("FAIL");
    expect(machine.read("systemctl.log")).toContain("start firewall-state@iptables.service");
    machine.write("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
    await machine.set({ motd: "a commit makes it look again" });
    const again = CisReport.parse((await machine.call("GET", "/report/cis")).json);
    expect([again.level, verdicts(again)["1.4.3"]]).toEqual([1, "PASS"]);
  });

  it("is a table as text, and a command with an exit code", async () => {
    await using machine = await startMachine(FILES);
    const reply = await machine.call("GET", "/report/cis?format=text");
    expect(reply.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(reply.text).toContain("FAIL   1.4.3    BPF takes privileges\n");
    const table = await machine.client(["report", "cis"]);
    expect([table.exitCode, table.stdout]).toEqual([1, reply.text.trimEnd()]);
    const list = await machine.client(["report", "list"]);
    expect(list.stdout).toMatch(/^cis .*\nlogs /);
    for (const query of ["level=3", "format=html", "x=1"])
      expect((await machine.call("GET", `/report/cis?${query}`)).status).toBe(400);
  });
});

const SECRETS = {
  settings: "Zs3cr3t-registry-passw0rd",
  bearer: "Zbearer-t0ken-0123456789",
  url: "Zurl-passw0rd",
  token: "Zplain-t0ken-99",
  keyLine: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZkeyline",
  userData: "Zssh-rsa-from-user-data",
};
const JOURNAL = [
  "2026-11-24T12:00:00 host web[1]: hello world",
  `2026-11-24T12:00:01 host web[1]: GET / Authorization: Bearer ${SECRETS.bearer}`,
  `2026-11-24T12:00:02 host web[1]: pull https://user:${SECRETS.url}@r.example.org/x`,
  `2026-11-24T12:00:03 host web[1]: registry said ${SECRETS.settings} is wrong`,
  `2026-11-24T12:00:04 host web[1]: {"token": "${SECRETS.token}"}`,
  "2026-11-24T12:00:05 host web[1]: -----BEGIN PRIVATE KEY-----",
  `2026-11-24T12:00:05 host web[1]: ${SECRETS.keyLine}`,
  "2026-11-24T12:00:05 host web[1]: -----END PRIVATE KEY-----",
  `2026-11-24T12:00:06 host web[1]: read {"keys": ["${SECRETS.userData}"]}`,
  "2026-11-24T12:00:07 host web[1]: the end",
].join("\n");
/** What every part of the machine says of all secrets. */
const LEAKS = JOURNAL.replaceAll("2026-11-24T12:00:", "").replaceAll("\n", "\n  ");

const Manifest = z.object({
  parts: z.array(
    z.object({ name: z.string(), files: z.array(z.string()), fault: z.string().nullable() }),
  ),
});

describe("GET /report/logs", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ballast-logs-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function collect(machine: Machine): Promise<Readonly<Record<string, string>>> {
    const file = join(folder, "logs.tar.gz");
    const ended = await machine.client(["report", "logs", "-o", file, "--force"]);
    expect([ended.exitCode, ended.stderr]).toEqual([0, ""]);
    await execa("tar", ["-xzf", file, "-C", folder]);
    const root = join(folder, "ballast-logs");
    return Object.fromEntries(
      readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]),
    );
  }

  it("has the state of the machine, and a reason for each part that is missing", async () => {
    await using machine = await startMachine({ ...FILES, "journal.txt": JOURNAL });
    await machine.set({ motd: "kept" });
    const files = await collect(machine);
    expect(JSON.parse(files["os.json"] ?? "")).toMatchObject({ version_id: "1.2.3" });
    expect(JSON.parse(files["health.json"] ?? "")).toMatchObject({ checks: expect.any(Array) });
    expect(JSON.parse(files["history.json"] ?? "")).toMatchObject([{ who: "local" }]);
    expect(JSON.parse(files["settings.json"] ?? "")).toContainEqual({
      key: "motd",
      source: "api",
      value: "kept",
    });
    expect(JSON.parse(files["settings.json"] ?? "")).toContainEqual({
      key: "kernel.lockdown",
      source: "default",
      value: "integrity",
    });
    expect(CisReport.parse(JSON.parse(files["cis.json"] ?? "")).level).toBe(2);
    expect(files["metrics.txt"]).toContain("ballast_os_info");
    expect(files["command-line.txt"]).toContain("dm-mod.create");
    expect(files["units.txt"]).toContain("containerd.service");
    expect(files["journal.txt"]).toContain("hello world");
    expect(files["journal-last-boot.txt"]).toContain("the end");
    // There is none of these programs here.
    expect(files["dns.txt.failed.txt"]).toContain("Cannot run /usr/bin/resolvectl");
    const { parts } = Manifest.parse(JSON.parse(files["manifest.json"] ?? ""));
    const faulty = parts.filter(({ fault }) => fault !== null).map(({ name }) => name);
    expect(faulty).toContain("dns.txt");
    expect(faulty).not.toContain("journal.txt");
    for (const { files: names } of parts)
      for (const name of names) expect(Object.keys(files)).toContain(name);
  });

  it("has none of the secrets that every part of the machine gives away", async () => {
    await using machine = await startMachine({
      ...FILES,
      "journal.txt": JOURNAL,
      "networkctl.json": LEAKS,
      "proc/1/mountinfo": LEAKS,
      "proc/version": LEAKS,
      "proc/meminfo": LEAKS,
      "proc/loadavg": LEAKS,
      "proc/filesystems": LEAKS,
    });
    const image = "registry.example.org/x:1";
    const userData = Buffer.from(`{"keys": ["${SECRETS.userData}"]}`).toString("base64");
    const set = await machine.set({
      motd: `https://user:${SECRETS.url}@h/ Authorization: Bearer ${SECRETS.bearer} token=${SECRETS.token}`,
      "container-registry": {
        credentials: { "registry.example.org": { username: "u", password: SECRETS.settings } },
      },
      "host-containers": { admin: { source: image, "user-data": userData } },
      containers: {
        web: { image, "secret-env": { KEY: SECRETS.settings }, env: { NOTE: SECRETS.settings } },
      },
    });
    expect([set.status, set.text]).toEqual([200, expect.any(String)]);
    const files = await collect(machine);
    const settings = JSON.parse(files["settings.json"] ?? "");
    expect(settings).toContainEqual({
      key: "host-containers.admin.user-data",
      source: "api",
      secret: true,
    });
    const all = [...Object.values(SECRETS), userData];
    for (const [name, text] of Object.entries(files))
      for (const secret of all)
        expect([name, secret, text.includes(secret)]).toEqual([name, secret, false]);
    expect(files["journal.txt"]).toContain("hello world");
    expect(files["mounts.txt"]).toContain("hello world");
    for (const name of ["settings.json", "history.json", "boot.json"])
      expect(() => JSON.parse(files[name] ?? "")).not.toThrow();
  });

  it("is one at a time, and ends when its client goes", async () => {
    await using machine = await startMachine({ "journal.txt": "", "journal-hangs": "" });
    const going = request({ socketPath: machine.socket, path: "/report/logs", agent: false });
    going.on("error", () => undefined);
    going.end();
    await machine.until(() => machine.has("journalctl.log"));
    const second = await machine.call("GET", "/report/logs");
    expect(second.status).toBe(503);
    const [processId] = machine.read("journalctl.log").split(" ", 1);
    going.destroy();
    await machine.until(() => !isAlive(Number(processId)));
    machine.remove("journal-hangs");
    await machine.until(async () => (await machine.call("GET", "/report/logs")).status === 200);
  });
});

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
