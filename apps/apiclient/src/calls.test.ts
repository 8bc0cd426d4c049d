import * as path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { formatEntry } from "./commands/logs.ts";
import { merge } from "./commands/prefixes.ts";
import { playedApi, type Reply } from "./played-api.fixture.ts";
import { apiclient, run } from "./test-process.ts";

const api = playedApi();
const { env, folder, socket } = api;

describe("get", () => {
  beforeEach(() => {
    api.replies = {
      "GET /os": {
        status: 200,
        body: { version_id: "1.2.3", variant_id: "standalone", slot: "A" },
      },
      "GET /settings": { status: 200, body: { motd: "hi", network: { hostname: "h" } } },
      "GET /boot": { status: 200, body: { provisioned: true } },
    };
  });

  it("shows facts and settings in one document", async () => {
    const { status, stdout } = await apiclient(["get"], { env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      os: { version_id: "1.2.3", variant_id: "standalone", slot: "A" },
      settings: { motd: "hi", network: { hostname: "h" } },
    });
    expect(stdout).toContain('\n  "os": {\n');
  });

  it("asks for prefixes and merges what they give", async () => {
    const { stdout } = await apiclient(["get", "os.v", "settings.network.", "settings.motd"], {
      env,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      os: { version_id: "1.2.3", variant_id: "standalone" },
    });
    expect(api.seen.map(({ line }) => line)).toEqual([
      "GET /os",
      "GET /settings?prefix=network",
      "GET /settings?prefix=motd",
    ]);
  });

  it("takes any path of the API", async () => {
    expect(JSON.parse((await apiclient(["get", "/boot"], { env })).stdout)).toEqual({
      provisioned: true,
    });
  });

  it("takes keys without settings before them, and says what a machine says", async () => {
    await apiclient(["get", "network.hostname"], { env });
    expect(api.seen.map(({ line }) => line)).toEqual(["GET /settings?prefix=network.hostname"]);
    api.replies = {
      ...api.replies,
      "GET /settings": {
        status: 400,
        body: { type: "urn:ballast:error:apiserver.bad-query", detail: 'There is no setting "x"' },
      },
    };
    const unknown = await apiclient(["get", "x"], { env });
    expect(unknown).toEqual({
      status: 65,
      stdout: "",
      stderr: 'apiclient: There is no setting "x" [apiserver.bad-query]\n',
    });
    expect((await apiclient(["get", "os.nothing"], { env })).status).toBe(64);
  });

  it("prints on one line with --json", async () => {
    const { stdout } = await apiclient(["get", "--json", "settings"], { env });
    expect(stdout).toBe('{"settings":{"motd":"hi","network":{"hostname":"h"}}}\n');
    expect((await apiclient(["get", "--json", "/boot"], { env })).stdout).toBe(
      '{"provisioned":true}\n',
    );
  });

  it("merges deeply, the later winning", () => {
    expect(merge({ a: { b: 1, c: [1] } }, { a: { c: [2] }, d: 1 })).toEqual({
      a: { b: 1, c: [2] },
      d: 1,
    });
    expect(JSON.stringify(merge({}, JSON.parse('{"__proto__":1}')))).toBe('{"__proto__":1}');
  });
});

describe("set", () => {
  const done = {
    changed: ["settings.motd"],
    services: [{ name: "motd", action: "rendered", status: "ok" }],
  };
  beforeEach(() => {
    api.replies = {
      "PATCH /settings": { status: 204 },
      "PATCH /settings/keypair": { status: 204 },
      "POST /tx/commit_and_apply": { status: 200, body: done },
      "DELETE /tx": { status: 200, body: [] },
    };
  });

  it("stages in a private transaction, applies it and tells the result", async () => {
    const ended = await apiclient(["set", "motd=a b", "network.hostname=h"], { env });
    expect(ended).toEqual({
      status: 0,
      stdout: "Changed settings.motd\nmotd: rendered\n",
      stderr: "",
    });
    const [, tx] = /tx=(apiclient-set-[0-9a-f]{16})$/.exec(api.seen[0]?.line ?? "") ?? [];
    expect(api.seen).toMatchObject([
      {
        line: `PATCH /settings/keypair?tx=${tx}`,
        body: '{"request_payload":["motd=a b","network.hostname=h"]}',
      },
      { line: `POST /tx/commit_and_apply?tx=${tx}`, body: "" },
    ]);
  });

  it.each([
    ["-j", '{"settings": {"motd": "x"}}', ""],
    ["-j", '{"motd": "x"}', ""],
    ["-j", "-", '{"motd": "x"}'],
  ])("takes JSON: %s %s", async (flag, text, input) => {
    const ended = await apiclient(["set", flag, text, "--json"], { env, input });
    expect(JSON.parse(ended.stdout)).toEqual(done);
    expect(api.seen[0]?.body).toBe('{"motd":"x"}');
  });

  it.each(["[]", "secret{", '"secret"'])("refuses JSON that is no object: %s", async (text) => {
    const ended = await apiclient(["set", "-j", text], { env });
    expect(ended.status).toBe(65);
    expect(ended.stderr).not.toContain("secret");
    expect(api.seen).toEqual([]);
  });

  it("ends with 1 if a service failed", async () => {
    const services = [
      { name: "motd", action: "rendered", status: "ok" },
      { name: "hostname", action: "restarted", status: "failed", reason: "unit \u001b[2J died" },
    ];
    api.replies["POST /tx/commit_and_apply"] = { status: 200, body: { changed: [], services } };
    expect(await apiclient(["set", "motd=x"], { env })).toEqual({
      status: 1,
      stdout: "Nothing changed\nmotd: rendered\nhostname: failed: unit \\x1b[2J died\n",
      stderr: "",
    });
  });

  it("drops the transaction if the commit is refused", async () => {
    const problem = {
      type: "urn:ballast:error:datastore.rule",
      detail: "api.remote.ca-certificate must be set",
    };
    api.replies["POST /tx/commit_and_apply"] = { status: 400, body: problem };
    const ended = await apiclient(["set", "api.remote.enabled=true"], { env });
    expect(ended.status).toBe(65);
    expect(ended.stderr).toBe(
      "apiclient: api.remote.ca-certificate must be set [datastore.rule]\n",
    );
    expect(api.seen.at(-1)?.line).toMatch(/^DELETE \/tx\?tx=apiclient-set-/);
  });

  it("does not commit what was refused", async () => {
    api.replies["PATCH /settings/keypair"] = {
      status: 400,
      body: { detail: "Cannot set settings" },
    };
    expect((await apiclient(["set", "motd=x"], { env })).status).toBe(65);
    expect(api.seen).toHaveLength(1);
  });
});

describe("health", () => {
  it.each([
    ["healthy", 200, 0],
    ["starting", 503, 75],
    ["degraded", 503, 1],
  ])("%s ends with %i -> %i", async (status, http, exitCode) => {
    const body = { status, checks: [{ name: "units", status: "failed", reason: "x.service" }] };
    api.replies = { "GET /health": { status: http, body } };
    const ended = await apiclient(["health"], { env });
    expect(ended).toMatchObject({
      status: exitCode,
      stdout: `${status}\n  units  failed: x.service\n`,
    });
    const json = await apiclient(["health", "--json"], { env });
    expect(JSON.parse(json.stdout)).toEqual(body);
  });

  it("asks again until healthy with --wait", async () => {
    api.replies = { "GET /health": { status: 200, body: "half an ans" } };
    const ended = apiclient(["health", "--wait", "20"], { env });
    const answer = async (status: string, count: number): Promise<void> => {
      await expect.poll(() => api.seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
      api.replies = { "GET /health": { status: 503, body: { status, checks: [] } } };
    };
    await answer("starting", 1);
    await answer("degraded", 2);
    await answer("healthy", 3);
    expect(await ended).toEqual({ status: 0, stdout: "healthy\n", stderr: "" });
  }, 30_000);

  it("tells the last answer when --wait is over, or that there was none", async () => {
    api.replies = { "GET /health": { status: 503, body: { status: "degraded", checks: [] } } };
    const late = await apiclient(["health", "--wait", "1"], { env });
    expect(late).toMatchObject({ status: 1, stdout: "degraded\n" });
    expect(api.seen.length).toBeGreaterThan(1);
    const nobody = { BALLAST_SOCKET: `${socket}.none` };
    expect((await apiclient(["health", "--wait", "1"], { env: nobody })).status).toBe(69);
  });
});

describe("health --wait", () => {
  it("logs each check that is not met, and again when it changes", async () => {
    const warning = { name: "certificates", status: "warning", reason: "has ended" };
    const waiting = { name: "containerd", status: "waiting", reason: "is activating" };
    const sick = { name: "units", status: "failed", reason: "failed: x" };
    const fine = { name: "settings", status: "ok" };
    const body = (...checks: object[]) => ({
      status: "starting",
      checks: [fine, warning, ...checks],
    });
    api.replies = { "GET /health": { status: 503, body: body(waiting) } };
    const ended = apiclient(["health", "--wait", "20"], { env });
    const after = async (count: number, reply: Reply): Promise<void> => {
      await expect.poll(() => api.seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
      api.replies = { "GET /health": reply };
    };
    await after(2, { status: 503, body: body(sick) });
    await after(4, { status: 200, body: { status: "healthy", checks: [] } });
    const { stderr, stdout } = await ended;
    expect(stdout).toBe("healthy\n");
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/Waiting for health.*containerd.*is activating/);
    expect(lines[1]).toMatch(/Waiting for health.*units.*failed: x/);
  }, 30_000);
});

describe("slots", () => {
  const slot = {
    priority: 1,
    tries_left: 6,
    successful: true,
    qualifies: true,
    root_hash: "0123456789abcdef".repeat(4),
    state: "active",
  };
  const empty = {
    priority: 0,
    tries_left: 0,
    successful: false,
    qualifies: false,
    root_hash: "f".repeat(64),
    state: "empty",
  };
  const valid = { state: "valid", trusted: true, fault: null };
  const report = {
    disk: "/dev/vda",
    active: "A",
    next: "A",
    conflict: null,
    trial: false,
    slots: { A: slot, B: empty },
    copies: { primary: valid, backup: { ...valid, trusted: false } },
    last_failure: null,
  };

  async function slots(changes: object): Promise<string> {
    api.replies = { "GET /slots": { status: 200, body: { ...report, ...changes } } };
    const ended = await apiclient(["slots"], { env });
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    return ended.stdout;
  }

  it("shows two lines when all is well, and JSON", async () => {
    expect(await slots({})).toBe(
      `slot A  active   boots next  proven    priority 1, tries left 6    root 0123456789ab
slot B  empty                unproven  priority 0, tries left 0
`,
    );
    const json = await apiclient(["slots", "--json"], { env });
    expect(JSON.parse(json.stdout)).toEqual(report);
  });

  it("tells of a trial, of a doubt and of a damaged table", async () => {
    const text = await slots({
      active: "B",
      trial: true,
      conflict: "two disks",
      copies: { primary: valid, backup: { state: "damaged", trusted: false, fault: "bad CRC" } },
    });
    expect(text).toContain(
      "\nSlot B is on trial: it must become healthy in time, or slot A boots\n",
    );
    expect(text).toContain("\nNothing can be changed: two disks\n");
    expect(text).toContain("\nThe backup partition table is damaged: bad CRC\n");
  });

  it("tells why a slot failed, without anything that steers the terminal", async () => {
    const text = await slots({
      last_failure: {
        slot: "B",
        root_hash: "f".repeat(64),
        at: "2026-05-01T12:00:00Z",
        reason: "Its kernel stopped: dm-verity",
        unmet: [{ name: "containerd", reason: "is failed" }],
        kernel_log: "1\n2\n3\n4\n5\n6\u001b[2J",
      },
    });
    expect(text.split("\n").slice(2)).toEqual([
      "Slot B failed, as of 2026-05-01T12:00:00Z",
      "  Its kernel stopped: dm-verity",
      "  containerd: is failed",
      "  The end of its kernel log, of which --json shows more:",
      "    2",
      "    3",
      "    4",
      "    5",
      "    6\\x1b[2J",
      "",
    ]);
  });
});

describe("rollback", () => {
  it.each([
    [[], "false", "Slot A boots next: restart it with apiclient reboot\n"],
    [["--reboot"], "true", "Slot A boots next: the machine restarts now\n"],
  ])("%j", async (options, reboot, stdout) => {
    const body = { next: "A", rebooting: reboot === "true" };
    api.replies = { "POST /actions/rollback": { status: 200, body } };
    expect(await apiclient(["rollback", ...options], { env })).toMatchObject({ status: 0, stdout });
    expect(api.seen[0]?.line).toBe(`POST /actions/rollback?reboot=${reboot}`);
    const json = await apiclient(["rollback", "--json", ...options], { env });
    expect(JSON.parse(json.stdout)).toEqual(body);
  });

  it("passes on why it is refused, and what to do", async () => {
    const body = {
      type: "urn:ballast:error:gpt.slot-not-bootable",
      title: "The slots do not allow it",
      status: 409,
      detail: "Cannot roll back to slot B: it would not boot",
      hint: "A new slot is booted with upgrade-to-inactive.",
    };
    api.replies = { "POST /actions/rollback": { status: 409, body } };
    const refused = await apiclient(["rollback", "--reboot"], { env });
    expect(refused).toMatchObject({ status: 75, stdout: "" });
    expect(refused.stderr).toContain("Cannot roll back to slot B: it would not boot");
    expect(refused.stderr).toContain("A new slot is booted with upgrade-to-inactive.");
  });
});

describe("logs", () => {
  it("prints the lines of a container where it printed them", async () => {
    const time = "2026-01-31T12:00:00.123456789Z";
    const entries = [
      { time, stream: "stdout", text: "to \u001b[31mout" },
      { time, stream: "stderr", text: "to err" },
      { time, stream: "stdout", text: "a long ", partial: true },
      { time, stream: "stdout", text: "line" },
      { lost: 1 },
      { time: null, stream: "stdout", text: "no time" },
    ];
    const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    api.replies = { "GET /containers/logs": { status: 200, body } };
    expect(await apiclient(["logs", "host/web"], { env })).toEqual({
      status: 0,
      stdout: "to \\x1b[31mout\na long line\nno time\n",
      stderr:
        "to err\napiclient: lines are missing here: they were removed before they could be read\n",
    });
    const args = ["logs", "web", "-f", "-t", "-n", "7", "--since", "10m"];
    expect(await apiclient(args, { env })).toMatchObject({
      stdout: `${time} to \\x1b[31mout\n${time} a long line\n- no time\n`,
      stderr: expect.stringContaining(`${time} to err\n`),
    });
    expect((await apiclient(["logs", "web", "--json"], { env })).stdout).toBe(body);
    expect(api.lines()).toEqual([
      "GET /containers/logs?name=host%2Fweb",
      "GET /containers/logs?name=web&follow=true&lines=7&since=10m",
      "GET /containers/logs?name=web",
    ]);
  });

  const entry = {
    __REALTIME_TIMESTAMP: "1795500000123456",
    SYSLOG_IDENTIFIER: "kernel",
    MESSAGE: "one",
  };

  it("shows lines for people, or as they are", async () => {
    api.replies = { "GET /logs": { status: 200, body: `${JSON.stringify(entry)}\n` } };
    const ended = await apiclient(["logs", "-n", "7", "--unit", "x"], { env });
    expect(ended).toMatchObject({ status: 0, stdout: "2026-11-24T06:00:00.123Z kernel: one\n" });
    expect(api.seen[0]?.line).toBe("GET /logs?unit=x&lines=7");
    const json = await apiclient(["logs", "--json"], { env });
    expect(json.stdout).toBe(`${JSON.stringify(entry)}\n`);
  });

  it.each([
    [{ ...entry, _PID: "7", MESSAGE: "a\u001b]0;x\u0007\nb" }, "kernel[7]: a\\x1b]0;x\\x07\n    b"],
    [{ ...entry, MESSAGE: [104, 105] }, "kernel: hi"],
    [{ ...entry, MESSAGE: null }, "kernel: (too long)"],
    [{ _COMM: "x" }, "- x: (no message)"],
    [{ __REALTIME_TIMESTAMP: "99999999999999999999", MESSAGE: "m" }, "- ?: m"],
  ])("formats %j", (value, text) => {
    expect(formatEntry(JSON.stringify(value))).toContain(text);
  });

  it("shows a line that is no entry", () => {
    expect(formatEntry("no \u0007 json")).toBe("no \\x07 json");
  });
});

describe("other commands", () => {
  it("reboot and shutdown say nothing when it is done, whatever is wrong with updates", async () => {
    api.replies = {
      "GET /updates/status": { status: 200, body: {} },
      "POST /actions/reboot": { status: 204 },
      "POST /actions/shutdown": { status: 403 },
    };
    expect(await apiclient(["reboot"], { env })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(api.lines()).toContain("POST /actions/reboot");
    expect((await apiclient(["shutdown"], { env })).status).toBe(77);
  });

  it("raw prints the body as it came", async () => {
    api.replies = { "PATCH /settings": { status: 200, body: "[1,  2]" } };
    const args = ["-m", "PATCH", "-u", "/settings?tx=a", "-d", '{"motd": "x"}'];
    expect((await apiclient(["raw", ...args], { env })).stdout).toBe("[1,  2]\n");
    expect((await apiclient(args, { env })).stdout).toBe("[1,  2]\n");
    expect(api.seen[0]).toMatchObject({ line: "PATCH /settings?tx=a", body: '{"motd":"x"}' });
  });

  it("says where it looked when there is no machine", async () => {
    const ended = await apiclient(["get", "--socket", path.join(folder, "none")]);
    expect(ended.status).toBe(69);
    expect(ended.stderr).toMatch(/^apiclient: Cannot reach the API at .*none: connect ENOENT/);
    expect(ended.stderr).toContain("Is this a Ballast machine?");
  });

  it("completion scripts are accepted by the shells that are here", async () => {
    const { stdout } = await apiclient(["completion", "bash"]);
    const script = `${stdout}
COMP_WORDS=(apiclient lo); COMP_CWORD=1; _apiclient; echo "\${COMPREPLY[@]}"
COMP_WORDS=(apiclient logs --f); COMP_CWORD=2; _apiclient; echo "\${COMPREPLY[@]}"
COMP_WORDS=(apiclient update c); COMP_CWORD=2; _apiclient; echo "\${COMPREPLY[@]}"
COMP_WORDS=(apiclient update check --j); COMP_CWORD=3; _apiclient; echo "\${COMPREPLY[@]}"
COMP_WORDS=(apiclient update check c); COMP_CWORD=3; _apiclient; echo "\${COMPREPLY[@]}"
COMP_WORDS=(apiclient context add x --cr); COMP_CWORD=4; _apiclient; echo "\${COMPREPLY[@]}"`;
    expect(await run("bash", ["-c", script])).toEqual({
      status: 0,
      stdout: "logs\n--follow\ncheck cancel\n--json\n\n--credentials\n",
      stderr: "",
    });
    expect((await apiclient(["completion", "fish"])).stdout).toContain("complete -c apiclient");
  });

  it("knows its version and refuses wrong usage", async () => {
    expect((await apiclient(["--version"])).stdout).toMatch(/^apiclient \d+\.\d+\.\d+\n$/);
    expect((await apiclient(["get", "--loud"])).status).toBe(64);
  });
});
