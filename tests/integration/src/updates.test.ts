import { createHash } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { UpdatesStatus } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";
import { Trust } from "./remote-machine.ts";
import { AVAILABLE, NO_PLAN, READY, STAGED, updatesStatus, WRITING } from "./update-status.ts";

const text = (changes = {}): string => JSON.stringify(updatesStatus(changes));
const refusal = (code: string): string =>
  JSON.stringify({ error: { code, message: "Cannot do it", hint: "Do something else." } });
/** Found already: the status of this boot. */
const STATUS = "run/ballast/updates/status.json";
const BUNDLE = "var/lib/ballast-updates/bundle.tar";

async function status(machine: Machine): Promise<UpdatesStatus> {
  const reply = await machine.call("GET", "/updates/status");
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return UpdatesStatus.parse(reply.json);
}

describe("GET /updates/status", () => {
  it("is what the update agent has left, and has it made when there is none", async () => {
    await using machine = await startMachine({ "agent/status.ends.json": text() });
    expect(await status(machine)).toEqual(updatesStatus());
    expect(await status(machine)).toEqual(updatesStatus());
    const calls = machine.read("systemctl.log");
    expect(calls.split("start update-agent@status.service")).toHaveLength(2);
  });

  it("tells when there is none to be had, and the machine is none the worse", async () => {
    await using machine = await startMachine({
      "agent/status.json": refusal("update-agent.no-slots"),
    });
    const reply = await machine.call("GET", "/updates/status");
    expect(reply.json).toMatchObject({ type: "urn:ballast:error:update-agent.no-slots" });
    expect(await machine.configure()).toBe(0);
    expect((await machine.call("GET", "/health")).status).toBe(200);
  });
});

describe("the actions of updates", () => {
  it("look, plan, prepare, activate and take back", async () => {
    const plan = { ...NO_PLAN, version: "1.3.0", bytes_to_fetch: 5, services: ["all"] };
    await using machine = await startMachine({
      [STATUS]: text(),
      "agent/check.ends.json": text(AVAILABLE),
      "agent/check.json": "{}",
      "agent/plan.json": JSON.stringify(plan),
      "agent/prepare.begins.json": text({ ...AVAILABLE, progress: WRITING }),
      "agent/prepare.hold": "",
      "agent/prepare.ends.json": text(STAGED),
      "agent/prepare.json": "{}",
      "agent/activate.ends.json": text(READY),
      "agent/activate.json": "{}",
      "agent/cancel.ends.json": text(STAGED),
      "agent/cancel.json": "{}",
    });
    const looked = await machine.call("POST", "/actions/refresh-updates", {
      body: { ignore_waves: true },
    });
    expect([looked.status, looked.json]).toEqual([200, updatesStatus(AVAILABLE)]);
    expect(JSON.parse(machine.read("agent/check.request"))).toEqual({ ignore_waves: true });

    const planned = await machine.call("GET", "/updates/plan?version=1.3.0&force=true");
    expect([planned.status, planned.json]).toEqual([200, plan]);
    expect(JSON.parse(machine.read("agent/plan.request"))).toEqual({
      version: "1.3.0",
      force: true,
    });

    const begun = await machine.call("POST", "/actions/prepare-update", {
      body: { version: "1.3.0" },
    });
    expect([begun.status, begun.json]).toMatchObject([202, { progress: WRITING }]);
    const again = await machine.call("POST", "/actions/prepare-update");
    expect(again.status).toBe(423);
    expect(machine.has("run/ballast/updates/requests/prepare.json")).toBe(false);
    machine.remove("agent/prepare.hold");
    await machine.until(async () => (await status(machine)).update_state === "Staged");

    const activated = await machine.call("POST", "/actions/activate-update");
    expect(activated.json).toEqual(updatesStatus(READY));
    const back = await machine.call("POST", "/actions/deactivate-update");
    expect(back.json).toEqual(updatesStatus(STAGED));
    expect(machine.log).toMatch(/path=\/actions\/prepare-update version=1\.3\.0 status=202/);
  });

  it("stop what is prepared", async () => {
    await using machine = await startMachine({
      "agent/prepare.begins.json": text({ ...AVAILABLE, progress: WRITING }),
      "agent/prepare.hold": "",
      "agent/status.ends.json": text(AVAILABLE),
      "agent/cancel.json": refusal("update-agent.not-allowed"),
    });
    expect((await machine.call("POST", "/actions/prepare-update")).status).toBe(202);
    expect((await machine.call("POST", "/actions/deactivate-update")).status).toBe(200);
    expect(machine.read("systemctl.log")).toMatch(
      /stop update-agent@prepare.service .*\n.*start update-agent@status.service/,
    );
  });

  it.each([
    ["update-agent.busy", 423],
    ["update-agent.not-allowed", 409],
    ["update-agent.no-such-update", 404],
    ["tuf.expired", 502],
    ["update-agent.state", 500],
  ])("pass %s on as %i, in the words of the update agent", async (code, expected) => {
    await using machine = await startMachine({
      [STATUS]: text(),
      "agent/prepare.json": refusal(code),
      "agent/activate.json": refusal(code),
    });
    for (const path of ["/actions/prepare-update", "/actions/activate-update"]) {
      const reply = await machine.call("POST", path);
      expect([reply.status, reply.json]).toMatchObject([
        expected,
        { type: `urn:ballast:error:${code}`, detail: "Cannot do it", hint: "Do something else." },
      ]);
    }
  });

  it("refuse what they do not know, and bundles to those who are no admins", async () => {
    const trust = await Trust.create();
    const { machine, port } = await trust.start();
    await using _ = machine;
    const post = (role: "reader" | "operator" | "admin", body: unknown) =>
      trust.call(port, trust.as(role), "POST", "/actions/prepare-update", { body });
    const bodies = [{ versions: "1" }, { version: 1 }, { ignore_expiry: true }, []];
    for (const body of bodies) expect((await post("admin", body)).status).toBe(400);
    expect((await post("reader", {})).status).toBe(403);
    expect((await post("operator", { bundle: true })).status).toBe(403);
    const put = await trust.call(port, trust.as("operator"), "PUT", "/updates/bundle", {
      raw: "x",
    });
    expect(put.status).toBe(403);
    const plan = "/updates/plan?bundle=true";
    expect((await trust.call(port, trust.as("operator"), "GET", plan)).status).toBe(403);
    expect(machine.has(BUNDLE)).toBe(false);
  });
});

it("POST /actions/rollback has the status made anew", async () => {
  await using machine = await startMachine({
    [STATUS]: text(READY),
    "signpost/rollback-to-inactive.json": '{"changed":true,"next":"B"}',
    "agent/status.ends.json": text(),
  });
  expect((await machine.call("POST", "/actions/rollback")).status).toBe(200);
  expect(await status(machine)).toEqual(updatesStatus());
});

it("GET /events and GET /metrics tell another state of updates", async () => {
  await using machine = await startMachine({
    [STATUS]: text(),
    "agent/check.ends.json": text(AVAILABLE),
    "agent/check.json": "{}",
  });
  const watching = machine.client(["watch", "--json"]);
  let told = "";
  watching.stdout.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  await machine.until(() => told.includes('"event":"ready"'));
  await delay(1200);
  await machine.call("POST", "/actions/refresh-updates");
  await machine.until(() => told.includes('"event":"updates"'));
  watching.kill("SIGINT");
  await watching;
  expect(told).toContain('"update_state":"Available"');
  const metrics = (await machine.call("GET", "/metrics")).text;
  expect(metrics).toContain('ballast_update_state{state="Available"} 1\n');
  expect(metrics).toContain('ballast_update_chosen_info{version_id="1.3.0"} 1\n');
});

describe("PUT /updates/bundle", () => {
  it("takes what is longer than any other body, and answers its hash", async () => {
    await using machine = await startMachine();
    const bundle = Buffer.alloc(40 * 1024 * 1024, "bundle");
    const reply = await machine.call("PUT", "/updates/bundle", { raw: bundle });
    expect([reply.status, reply.json]).toEqual([
      200,
      { size_bytes: bundle.length, sha256: createHash("sha256").update(bundle).digest("hex") },
    ]);
    expect(machine.read(BUNDLE)).toHaveLength(bundle.length);
  });

  it("does not count what has not come whole, and takes one at a time", async () => {
    await using machine = await startMachine();
    await machine.call("PUT", "/updates/bundle", { raw: "before" });
    const socket = connect(machine.socket);
    socket.write("PUT /updates/bundle HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    await machine.until(() => machine.has(`${BUNDLE}.part`));
    expect((await machine.call("PUT", "/updates/bundle", { raw: "other" })).status).toBe(423);
    socket.destroy();
    await machine.until(() => !machine.has(`${BUNDLE}.part`));
    expect(machine.read(BUNDLE)).toBe("before");
    expect((await machine.call("PUT", "/updates/bundle", { raw: "other" })).status).toBe(200);
  });

  it("refuses what is known to find no place, and an empty one", async () => {
    await using machine = await startMachine();
    const headers = { "content-length": String(5 * 1024 ** 3) };
    const put = (sent: object) => machine.call("PUT", "/updates/bundle", sent);
    expect((await put({ raw: "x", headers }).catch(() => undefined))?.status ?? 413).toBe(413);
    expect((await put({ raw: "" })).status).toBe(400);
    expect(machine.has(BUNDLE)).toBe(false);
  });

  it("may take longer than any other body", async () => {
    await using machine = await startMachine();
    const socket = connect(machine.socket);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.write("PUT /updates/bundle HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n");
    for (let part = 0; part < 7; part += 1) {
      socket.write("x");
      await delay(5000);
    }
    await expect.poll(() => answer, { timeout: 5000 }).toContain("200 OK");
    socket.destroy();
  }, 60_000);
});
