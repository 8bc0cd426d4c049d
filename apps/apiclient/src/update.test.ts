import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient, startApiclient } from "./test-process.ts";
import { AVAILABLE, IDLE, PLAN, READY, STAGED, WRITING } from "./updates/status.fixture.ts";

const api = playedApi();
const { env } = api;
const ok = (changes: object) => ({ status: 200, body: { ...IDLE, ...changes } });
const ran = (cmd_type: string, cmd_status = "Success", stderr = "") => ({
  most_recent_command: {
    ...{ cmd_type, cmd_status, stderr, exit_status: Number(cmd_status !== "Success") },
    timestamp: "2026-05-01T12:00:00Z",
  },
});
const STATUS = "GET /updates/status";
const REFRESH = "POST /actions/refresh-updates";
const PREPARE = "POST /actions/prepare-update";
const ACTIVATE = "POST /actions/activate-update";
const CANCEL = "POST /actions/deactivate-update";
const REBOOT = "POST /actions/reboot";
const UPLOAD = "PUT /updates/bundle";
const NEXT = "1.3.0 is ready: it boots next, restart the machine with apiclient reboot\n";

/** Each starts programs, which takes its time beside others. */
const LONG = { timeout: 30_000 };

describe("update check, plan, activate, cancel, status", LONG, () => {
  it.each([
    [["check"], REFRESH, AVAILABLE, "1.3.0 can be had"],
    [["cancel"], CANCEL, STAGED, "1.3.0 is in the other slot"],
    [["activate"], ACTIVATE, READY, NEXT],
    [["status"], STATUS, READY, "1.3.0 boots next"],
    [["status", "--watch"], STATUS, {}, "there is nothing to do"],
  ])("%j", async (args, line, changes, text) => {
    api.replies = { [line]: ok(changes) };
    const done = await apiclient(["update", ...args], { env });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining(text), stderr: "" });
    const json = await apiclient(["update", ...args, "--json"], { env });
    expect(JSON.parse(json.stdout)).toEqual({ ...IDLE, ...changes });
    expect(api.lines()).toEqual([line, line]);
  });

  it("plan asks for what is meant, and fails when it would be refused", async () => {
    api.replies = { "GET /updates/plan": { status: 200, body: PLAN } };
    const args = ["update", "plan", "--version", "v1.3.0", "--ignore-waves"];
    expect((await apiclient(args, { env })).stdout).toContain("1.3.0 instead of 1.2.3\n");
    expect(api.lines()).toEqual(["GET /updates/plan?version=1.3.0&ignore-waves=true"]);
    const obstacles = [{ code: "c", message: "No space", hint: null }];
    api.replies = { "GET /updates/plan": { status: 200, body: { ...PLAN, obstacles } } };
    const refused = await apiclient(args, { env });
    expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining("No space")]);
  });

  it.each([
    [423, 75],
    [409, 75],
    [404, 1],
  ])("status %i of the API ends with exit code %i", async (status, expected) => {
    api.replies = { [ACTIVATE]: { status, body: { type: "x", detail: "Cannot" } } };
    expect(await apiclient(["update", "activate", "-r"], { env })).toMatchObject({
      status: expected,
      stderr: expect.stringContaining("Cannot"),
    });
    expect(api.lines()).toEqual([ACTIVATE]);
  });
});

describe("update apply", LONG, () => {
  it("looks, writes, follows, has it boot next and restarts", async () => {
    api.replies = {
      [STATUS]: [
        ok({}),
        ok(AVAILABLE),
        ok({ ...AVAILABLE, progress: WRITING }),
        ok({ ...STAGED, ...ran("prepare") }),
      ],
      [REFRESH]: ok(AVAILABLE),
      [PREPARE]: { ...ok(AVAILABLE), status: 202 },
      [ACTIVATE]: ok(READY),
      [REBOOT]: { status: 204 },
    };
    const args = ["update", "apply", "--version", "1.3.0", "--ignore-waves", "--reboot"];
    expect(await apiclient(args, { env })).toEqual({
      status: 0,
      stdout: "1.3.0 is ready: the machine restarts now\n",
      stderr: "Writing: 25 %, 47.7 MiB of 190.7 MiB, 11.4 MiB fetched, 4.8 MiB/s, 30 s left\n",
    });
    expect(api.lines().filter((line) => line !== STATUS)).toEqual([
      ...[REFRESH, PREPARE, ACTIVATE, REBOOT],
    ]);
    const bodies = api.seen.filter(({ body }) => body !== "").map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([{ ignore_waves: true }, { version: "1.3.0", ignore_waves: true }]);
  });

  it("does not fail when there is nothing to do", async () => {
    api.replies = { [STATUS]: ok({}), [REFRESH]: ok({}) };
    expect(await apiclient(["update", "apply", "--reboot"], { env })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("there is nothing to do\n"),
    });
    expect(api.lines()).toEqual([STATUS, REFRESH]);
  });

  it.each([
    [STAGED, [], [ACTIVATE]],
    [READY, [], []],
    [STAGED, ["--prepare-only"], []],
    [STAGED, ["--force"], [PREPARE, ACTIVATE]],
  ])("does not write again what is there: %j %j", async (changes, more, lines) => {
    api.replies = {
      [STATUS]: [ok(changes), ok({ ...STAGED, ...ran("prepare") })],
      [REFRESH]: ok(changes),
      [PREPARE]: { ...ok(changes), status: 202 },
      [ACTIVATE]: ok(READY),
    };
    expect((await apiclient(["update", "apply", ...more], { env })).status).toBe(0);
    expect(api.lines().filter((line) => line !== STATUS)).toEqual([REFRESH, ...lines]);
  });

  it("takes up what is being prepared, but nothing else in its place", async () => {
    const writing = ok({ ...AVAILABLE, progress: WRITING });
    api.replies = {
      [STATUS]: [writing, writing, ok({ ...STAGED, ...ran("prepare") })],
      [ACTIVATE]: ok(READY),
    };
    expect((await apiclient(["update", "apply", "--json"], { env })).stderr).toBe("");
    expect(api.lines()).toEqual([STATUS, STATUS, STATUS, ACTIVATE]);
    api.replies = { [STATUS]: [writing, writing, ok({ ...STAGED, ...ran("prepare") })] };
    const other = await apiclient(["update", "apply", "--version", "1.4.0"], { env });
    expect([other.status, other.stderr]).toEqual([
      75,
      expect.stringContaining("the machine has prepared 1.3.0"),
    ]);
    expect(api.lines().filter((line) => line === ACTIVATE)).toHaveLength(1);
    api.replies = { [STATUS]: writing };
    expect((await apiclient(["update", "apply", "--bundle", "f"], { env })).status).toBe(75);
  });

  it("takes up what somebody else has just begun", async () => {
    const writing = ok({ ...AVAILABLE, progress: WRITING });
    api.replies = {
      [STATUS]: [ok({}), writing, ok({ ...STAGED, ...ran("prepare") })],
      [REFRESH]: ok(AVAILABLE),
      [PREPARE]: { status: 423, body: { type: "x", detail: "Busy" } },
      [ACTIVATE]: ok(READY),
    };
    expect(await apiclient(["update", "apply"], { env })).toMatchObject({
      status: 0,
      stdout: NEXT,
    });
  });

  it("fails with the words of the run that failed, and activates nothing", async () => {
    api.replies = {
      [STATUS]: [ok({}), ok({ ...AVAILABLE, ...ran("prepare", "Failed", "Disk broke") })],
      [REFRESH]: ok(AVAILABLE),
      [PREPARE]: { ...ok(AVAILABLE), status: 202 },
    };
    const failed = await apiclient(["update", "apply"], { env });
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining("Disk broke")]);
    expect(api.lines()).not.toContain(ACTIVATE);
  });

  it("hands a bundle over and asks no repository", async () => {
    const bundle = path.join(api.folder, "bundle.tar");
    fs.writeFileSync(bundle, "x".repeat(300_000));
    api.replies = {
      [STATUS]: [ok({}), ok({ ...STAGED, ...ran("prepare") })],
      [UPLOAD]: { status: 200, body: { size_bytes: 300_000, sha256: "aa" } },
      [PREPARE]: { ...ok(AVAILABLE), status: 202 },
      [ACTIVATE]: ok(READY),
    };
    const args = ["update", "apply", "--bundle", bundle, "--ignore-expiry"];
    expect(await apiclient(args, { env })).toMatchObject({ status: 0, stdout: NEXT });
    expect(api.seen.find(({ line }) => line === UPLOAD)?.body).toHaveLength(300_000);
    expect(api.seen.find(({ line }) => line === PREPARE)?.body).toBe(
      '{"bundle":true,"ignore_expiry":true}',
    );
    expect(api.lines()).not.toContain(REFRESH);
    api.replies = { [STATUS]: ok({}) };
    const absent = await apiclient(["update", "apply", "--bundle", `${bundle}.not`], { env });
    expect(absent.stderr).toContain("[apiclient.read]");
  });

  it("leaves the machine at work when it is stopped, and says so", async () => {
    api.replies = { [STATUS]: ok({ ...AVAILABLE, progress: WRITING }) };
    const watching = startApiclient(["update", "apply"], { env });
    await expect.poll(() => api.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
    watching.stop();
    expect(await watching.ended).toMatchObject({
      status: 130,
      stderr: expect.stringContaining("The machine goes on. apiclient update apply takes it up"),
    });
    expect(api.lines()).not.toContain(CANCEL);
  });
});

it("reboot tells which version comes", LONG, async () => {
  api.replies = { [STATUS]: ok(READY), [REBOOT]: { status: 204 } };
  expect((await apiclient(["reboot"], { env })).stdout).toBe("The machine restarts into 1.3.0\n");
  const json = await apiclient(["reboot", "--json"], { env });
  expect(JSON.parse(json.stdout)).toEqual({ accepted: "reboot", version: "1.3.0" });
});
