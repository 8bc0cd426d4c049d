import { connect } from "node:net";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { httpCall, type Reply, type Sent } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

const SOURCE = "registry.example.org/admin:1.2.0";
const DIRECTORY = "run/ballast/host-containers";

function as(machine: Machine, name: string) {
  const socketPath = join(machine.root, DIRECTORY, name, "api.sock");
  return (method: string, path: string, sent: Sent = {}): Promise<Reply> =>
    httpCall({ socketPath }, method, path, sent);
}

describe("sockets of host containers", () => {
  it("come with a commit, each with its role, and tell their name in history and audit", async () => {
    await using machine = await startMachine();
    const reply = await machine.set({
      "host-containers": {
        admin: { source: SOURCE, enabled: true, "api-role": "admin" },
        ops: { source: SOURCE, enabled: true, "api-role": "operator" },
        watch: { source: SOURCE, enabled: true },
        mute: { source: SOURCE, enabled: true, "api-role": "none" },
        off: { source: SOURCE, "api-role": "admin" },
      },
    });
    expect(reply.json).toMatchObject({
      services: [
        { name: "host-container-sockets", action: "restarted", status: "ok" },
        { name: "host-containers", action: "rendered", status: "ok" },
      ],
    });
    expect(existsSync(join(machine.root, DIRECTORY, "mute"))).toBe(false);
    expect(existsSync(join(machine.root, DIRECTORY, "off"))).toBe(false);
    const [admin, ops, watch] = [as(machine, "admin"), as(machine, "ops"), as(machine, "watch")];
    expect((await watch("GET", "/settings")).status).toBe(200);
    expect((await watch("PATCH", "/settings", { body: { motd: "x" } })).status).toBe(403);
    expect((await ops("PATCH", "/settings?tx=o", { body: { motd: "by ops" } })).status).toBe(204);
    expect((await ops("POST", "/tx/commit_and_apply?tx=o")).status).toBe(200);
    expect((await ops("GET", "/report/logs")).status).toBe(403);
    expect((await ops("PATCH", "/settings", { body: { kernel: { lockdown: null } } })).status).toBe(
      403,
    );
    expect(
      (
        await admin("PATCH", "/settings?tx=a", {
          body: { kernel: { sysctl: { "vm.swappiness": "1" } } },
        })
      ).status,
    ).toBe(204);
    // What is for the machine itself alone stays so.
    expect((await admin("POST", "/actions/configure", { body: {} })).status).toBe(403);
    const history = await machine.call("GET", "/history");
    expect(history.json).toMatchObject([{ who: "host-container ops" }, { who: "local" }]);
    expect(machine.log).toMatch(
      /API write who="host-container ops" role=operator method=POST path=\/tx\/commit_and_apply/,
    );
    expect(machine.log).toMatch(/API write who="host-container watch" role=reader .* status=403/);
  });

  it("change and go without a restart, with their connections", async () => {
    await using machine = await startMachine();
    const entry = (role: string) => ({ source: SOURCE, enabled: true, "api-role": role });
    await machine.set({ "host-containers": { a: entry("operator") } });
    const a = as(machine, "a");
    const events = await stream(machine, "a");
    await machine.set({ "host-containers": { a: entry("reader") } });
    await events.closed;
    expect((await a("PATCH", "/settings", { body: { motd: "x" } })).status).toBe(403);
    const more = await stream(machine, "a");
    await machine.set({ "host-containers": { a: { enabled: false } } });
    await more.closed;
    await expect(a("GET", "/os")).rejects.toMatchObject({ code: "ENOENT" });
    expect(existsSync(join(machine.root, DIRECTORY, "a"))).toBe(false);
  });

  it("that take themselves away get their answer first", async () => {
    await using machine = await startMachine();
    await machine.set({
      "host-containers": { a: { source: SOURCE, enabled: true, "api-role": "admin" } },
    });
    const a = as(machine, "a");
    expect(
      (await a("PATCH", "/settings", { body: { "host-containers": { a: null } } })).status,
    ).toBe(204);
    const reply = await a("POST", "/tx/commit_and_apply");
    expect([reply.status, reply.json]).toMatchObject([200, { services: [{ status: "ok" }, {}] }]);
    await expect(a("GET", "/os")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("are there again after the server was killed, in the same folder; what nobody set is gone", async () => {
    await using machine = await startMachine();
    await machine.set({ "host-containers": { a: { source: SOURCE, enabled: true } } });
    const folder = join(machine.root, DIRECTORY, "a");
    const inode = statSync(folder).ino;
    await machine.stop("SIGKILL");
    expect(existsSync(join(folder, "api.sock"))).toBe(true);
    mkdirSync(join(machine.root, DIRECTORY, "stale"));
    await machine.start();
    expect((await as(machine, "a")("GET", "/os")).status).toBe(200);
    expect(statSync(folder).ino).toBe(inode);
    expect(existsSync(join(machine.root, DIRECTORY, "stale"))).toBe(false);
    expect(await machine.stop()).toBe(0);
    expect(existsSync(join(folder, "api.sock"))).toBe(false);
  });

  it("a try that is taken back takes them back", async () => {
    await using machine = await startMachine();
    await machine.call("PATCH", "/settings", {
      body: { "host-containers": { a: { source: SOURCE, enabled: true } } },
    });
    expect((await machine.call("POST", "/tx/commit_and_apply?try-seconds=1")).status).toBe(200);
    expect((await as(machine, "a")("GET", "/os")).status).toBe(200);
    await machine.until(() => !existsSync(join(machine.root, DIRECTORY, "a")));
  });
});

/** Follows the events over the socket of a container, until somebody ends that. */
function stream(machine: Machine, name: string): Promise<{ closed: Promise<void> }> {
  const socket = connect(join(machine.root, DIRECTORY, name, "api.sock"));
  socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return new Promise((resolve, reject) => {
    socket.once("data", () => resolve({ closed }));
    socket.once("error", reject);
  });
}
