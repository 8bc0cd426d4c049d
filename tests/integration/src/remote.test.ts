import { Agent } from "node:https";
import { connect as connectPlainly, createServer } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { ApplyReport, CommitReport } from "@ballast/model";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Authority, type Identity } from "./certificates.ts";
import { httpCall, type Reply, type Sent } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
/** How a refused handshake looks depends on who notices first. */
const NO_CONNECTION = /alert|ECONNRESET|EPIPE|hang up|disconnected/;
const ROLES = ["reader", "operator", "admin"] as const;

let authority: Authority;
let stranger: Authority;
let server: Identity;
const clients = new Map<string, Identity>();

beforeAll(async () => {
  [authority, stranger] = await Promise.all([Authority.create("ours"), Authority.create("theirs")]);
  server = await authority.server();
  for (const role of ROLES)
    clients.set(role, await authority.client({ uris: [`ballast:role:${role}`] }));
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "::");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function remoteSettings(port: number, changes: Readonly<Record<string, unknown>> = {}): unknown {
  const remote = {
    enabled: true,
    port,
    "ca-certificate": authority.pem,
    "server-certificate": server.cert,
    "server-key": server.key,
    ...changes,
  };
  return { api: { remote } };
}

/** The machine and the port of its remote API. */
async function startRemote(): Promise<{ machine: Machine; port: number }> {
  const machine = await startMachine();
  try {
    const port = await freePort();
    const report = CommitReport.parse((await machine.set(remoteSettings(port))).json);
    expect(report.services).toEqual([{ name: "api-remote", action: "restarted", status: "ok" }]);
    return { machine, port };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

interface Way {
  readonly identity?: Identity | undefined;
  readonly host?: string;
  readonly agent?: Agent;
  readonly maxVersion?: "TLSv1.2";
}

function callRemote(
  port: number,
  way: Way,
  method: string,
  path: string,
  sent?: Sent,
): Promise<Reply> {
  const { identity, host = "localhost", ...rest } = way;
  const target = { host, port, ca: authority.pem, servername: "localhost", ...identity, ...rest };
  return httpCall(target, method, path, sent);
}

function as(role: (typeof ROLES)[number]): Way {
  return { identity: clients.get(role) };
}

describe("roles over TLS", () => {
  let machine: Machine;
  let port: number;
  beforeAll(async () => {
    ({ machine, port } = await startRemote());
  });
  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
  });

  const table: [string, string, number, number, number][] = [
    ["GET", "/os", 200, 200, 200],
    ["GET", "/boot", 200, 200, 200],
    ["GET", "/settings", 200, 200, 200],
    ["POST", "/actions/reboot", 403, 204, 204],
    ["POST", "/actions/shutdown", 403, 204, 204],
    ["GET", "/tx", 403, 403, 200],
    ["GET", "/tx/list", 403, 403, 200],
    ["DELETE", "/tx", 403, 403, 200],
    ["POST", "/tx/apply?keys=motd", 403, 403, 200],
    ["POST", "/tx/commit", 403, 403, 422],
    ["GET", "/logs", 403, 403, 200],
    ["POST", "/actions/configure", 403, 403, 403],
    ["GET", "/nope", 404, 404, 404],
  ];

  it.each(table)(
    "%s %s answers reader %i, operator %i, admin %i",
    async (method, path, ...statuses) => {
      for (const [index, role] of ROLES.entries()) {
        const reply = await callRemote(port, as(role), method, path);
        expect([role, reply.status]).toEqual([role, statuses[index]]);
      }
    },
  );

  it("lets the admin alone set, and names the certificate in the audit line", async () => {
    const body = { motd: "by admin" };
    expect((await callRemote(port, as("operator"), "PATCH", "/settings", { body })).status).toBe(
      403,
    );
    expect((await machine.call("GET", "/tx")).json).toEqual({});
    expect((await callRemote(port, as("admin"), "PATCH", "/settings", { body })).status).toBe(204);
    expect((await callRemote(port, as("admin"), "POST", "/tx/commit_and_apply")).status).toBe(200);
    await machine.until(() =>
      machine.log.includes('who="CN=client serial=0A0B" method=POST path=/tx/commit_and_apply'),
    );
  });

  it("never gives the server key away", async () => {
    const secret = server.key.split("\n")[1] ?? "";
    const replies = [
      await machine.call("GET", "/settings"),
      await machine.call("GET", "/settings?keys=api.remote.server-key"),
      await callRemote(port, as("admin"), "GET", "/settings?prefix=api.remote"),
    ];
    await machine.call("PATCH", "/settings?tx=look", { body: remoteSettings(port) });
    replies.push(
      await machine.call("GET", "/tx?tx=look"),
      await machine.call("DELETE", "/tx?tx=look"),
    );
    for (const reply of replies)
      expect([reply.status, reply.text.includes(secret)]).toEqual([200, false]);
    expect(replies[0]?.text).toContain("server-certificate");
    expect(machine.log).not.toContain(secret);
  });

  const refused: [string, () => Promise<Identity>][] = [
    ["of another authority", () => stranger.client({ uris: ["ballast:role:admin"] })],
    [
      "that has expired",
      () =>
        authority.client({ uris: ["ballast:role:admin"], notAfter: new Date(Date.now() - 1000) }),
    ],
    [
      "that is not valid yet",
      () =>
        authority.client({
          uris: ["ballast:role:admin"],
          notBefore: new Date(Date.now() + 600_000),
        }),
    ],
    [
      "for servers only",
      () => authority.client({ uris: ["ballast:role:admin"], usages: [SERVER_AUTH] }),
    ],
  ];

  it.each(refused)("refuses a certificate %s at the handshake", async (_name, make) => {
    await expect(callRemote(port, { identity: await make() }, "GET", "/os")).rejects.toThrow(
      NO_CONNECTION,
    );
  });

  const powerless: [string, () => Promise<Identity>, string][] = [
    [
      "without extended key usage",
      () => authority.client({ uris: ["ballast:role:admin"], usages: [] }),
      "clientAuth",
    ],
    [
      "with two roles",
      () => authority.client({ uris: ["ballast:role:admin", "ballast:role:reader"] }),
      "has 2",
    ],
    [
      "with the same role twice",
      () => authority.client({ uris: ["ballast:role:admin", "ballast:role:admin"] }),
      "has 2",
    ],
    [
      "with a role and another URI",
      () => authority.client({ uris: ["https://example.org/", "ballast:role:admin"] }),
      "has 2",
    ],
    ["without a name", () => authority.client({ uris: [] }), "has 0"],
    ["with an unknown role", () => authority.client({ uris: ["ballast:role:root"] }), "must be"],
    [
      "with a role in capitals",
      () => authority.client({ uris: ["ballast:role:ADMIN"] }),
      "must be",
    ],
    [
      "with more behind the role",
      () => authority.client({ uris: ["ballast:role:admin/x"] }),
      "must be",
    ],
    [
      "of an authority",
      () => authority.client({ uris: ["ballast:role:admin"], isCa: true }),
      "authority",
    ],
  ];

  it.each(powerless)("gives a certificate %s no role", async (_name, make, reason) => {
    const reply = await callRemote(port, { identity: await make() }, "GET", "/os");
    expect(reply.status).toBe(403);
    expect(reply.text).toContain(reason);
  });

  it("talks to nobody without a certificate or below TLS 1.3", async () => {
    await expect(callRemote(port, {}, "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    await expect(
      callRemote(port, { ...as("admin"), maxVersion: "TLSv1.2" }, "GET", "/os"),
    ).rejects.toThrow(/protocol version/);
  });

  it("serves those with a certificate while others hold connections without a handshake", async () => {
    const idle = Array.from({ length: 200 }, () => connectPlainly(port, "localhost"));
    // The client whose place is taken away sees that in one of several ways.
    const ended = Promise.all(idle.map((socket) => once(socket, "close")));
    for (const socket of idle) socket.on("error", () => undefined);
    onTestFinished(() => {
      for (const socket of idle) socket.destroy();
    });
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    const before = performance.now();
    expect((await callRemote(port, as("reader"), "GET", "/os")).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(3000);
    await ended;
    expect(performance.now() - before).toBeLessThan(9000);
  });

  it("bounds the connections of those with a certificate", async () => {
    const sockets = Array.from({ length: 70 }, () => connect(tlsOptions(port)));
    let open = sockets.length;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open -= 1;
      });
    }
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await machine.until(() => open <= 64);
    for (const socket of sockets) socket.destroy();
    const read = () => callRemote(port, as("reader"), "GET", "/os").catch(() => undefined);
    await expect.poll(read).toMatchObject({ status: 200 });
  });

  it("listens on IPv4 and IPv6", async () => {
    expect(
      (await callRemote(port, { ...as("reader"), host: "127.0.0.1" }, "GET", "/os")).status,
    ).toBe(200);
    expect((await callRemote(port, { ...as("reader"), host: "::1" }, "GET", "/os")).status).toBe(
      200,
    );
  });

  it("looks at the dates again on a connection that lives on", async () => {
    const soon = new Date(Date.now() + 3000);
    const identity = await authority.client({ uris: ["ballast:role:reader"], notAfter: soon });
    using agent = new AgentUntilDisposed();
    const read = (): Promise<Reply> => callRemote(port, { identity, agent }, "GET", "/os");
    expect((await read()).status).toBe(200);
    await delay(soon.getTime() - Date.now() + 1200);
    const late = await read();
    expect([late.status, late.text.includes("expired")]).toEqual([403, true]);
  });
});

/** One connection that is kept. */
class AgentUntilDisposed extends Agent implements Disposable {
  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

function tlsOptions(port: number): ConnectionOptions {
  return {
    host: "localhost",
    port,
    servername: "localhost",
    ca: authority.pem,
    ...clients.get("admin"),
  };
}

async function tlsSession(port: number): Promise<Buffer> {
  const socket = connect(tlsOptions(port));
  socket.write("GET /os HTTP/1.1\r\nHost: x\r\n\r\n");
  const session = await new Promise<Buffer>((resolve) => {
    socket.once("session", resolve);
  });
  socket.destroy();
  return session;
}

async function resume(port: number, session: Buffer): Promise<string> {
  const socket = connect({ ...tlsOptions(port), session });
  socket.write("GET /os HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return text(socket);
}

describe("changing api.remote", () => {
  it("needs certificates to be enabled", async () => {
    await using machine = await startMachine();
    const reply = await machine.set({ api: { remote: { enabled: true } } });
    expect([reply.status, reply.text.includes("api.remote.ca-certificate")]).toEqual([400, true]);
  });

  it("keeps the former listener when the new key does not fit, and says why", async () => {
    const { machine, port } = await startRemote();
    await using _ = machine;
    const other = await authority.server();
    const report = CommitReport.parse(
      (await machine.set(remoteSettings(port, { "server-key": other.key }))).json,
    );
    expect(report.services[0]).toMatchObject({ name: "api-remote", status: "failed" });
    expect(report.services[0]?.reason).toContain("Cannot use the certificates of api.remote");
    expect((await callRemote(port, as("reader"), "GET", "/os")).status).toBe(200);
    expect((await machine.call("GET", "/health")).text).toContain("Cannot use the certificates");
    const repaired = CommitReport.parse((await machine.set(remoteSettings(port))).json);
    expect(repaired.services[0]).toMatchObject({ status: "ok" });
  });

  it("keeps the former listener when the new port is taken, and moves when it is free", async () => {
    const { machine, port } = await startRemote();
    await using _ = machine;
    const holder = createServer().listen(0, "::");
    await once(holder, "listening");
    const address = holder.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    const failed = CommitReport.parse((await machine.set(remoteSettings(taken))).json);
    expect(failed.services[0]?.reason).toContain(`Cannot listen on port ${taken}`);
    expect((await callRemote(port, as("reader"), "GET", "/os")).status).toBe(200);
    holder.close();
    await once(holder, "close");
    const moved = ApplyReport.parse((await machine.call("POST", "/tx/apply?keys=api.remote")).json);
    expect(moved.services[0]).toMatchObject({ status: "ok" });
    expect((await callRemote(taken, as("reader"), "GET", "/os")).status).toBe(200);
    await expect(callRemote(port, as("reader"), "GET", "/os")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("trusts a new authority at once and the former one no more, also on kept connections", async () => {
    const { machine, port } = await startRemote();
    await using _ = machine;
    using agent = new AgentUntilDisposed();
    const way = { ...as("admin"), agent };
    expect((await callRemote(port, way, "GET", "/os")).status).toBe(200);
    const body = remoteSettings(port, { "ca-certificate": stranger.pem });
    expect((await callRemote(port, way, "PATCH", "/settings", { body })).status).toBe(204);
    // The answer to the very change still arrives; it is the last one on this connection.
    const changed = await callRemote(port, way, "POST", "/tx/commit_and_apply");
    expect(CommitReport.parse(changed.json).services[0]).toMatchObject({ status: "ok" });
    await expect(callRemote(port, way, "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    await expect(callRemote(port, as("admin"), "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    const identity = await stranger.client({ uris: ["ballast:role:reader"] });
    expect((await callRemote(port, { identity }, "GET", "/os")).status).toBe(200);
  });

  it("resumes no session of the former authority", async () => {
    const { machine, port } = await startRemote();
    await using _ = machine;
    const session = await tlsSession(port);
    expect(await resume(port, session)).toContain("200 OK");
    await machine.set(remoteSettings(port, { "ca-certificate": stranger.pem }));
    const late = await resume(port, session).catch(() => "refused");
    expect(late).not.toContain("HTTP/1.1");
    await machine.until(() => machine.log.includes("TLS client refused"));
  });

  it("comes up again with the server, and goes when it is disabled", async () => {
    const { machine, port } = await startRemote();
    await using _ = machine;
    expect(await machine.configure()).toBe(0);
    await machine.stop("SIGKILL");
    await machine.start();
    expect((await callRemote(port, as("reader"), "GET", "/os")).status).toBe(200);
    expect(machine.has("run/ballast/etc/remote")).toBe(false);
    await machine.set({ api: { remote: { enabled: false } } });
    await expect(callRemote(port, as("reader"), "GET", "/os")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });
});
