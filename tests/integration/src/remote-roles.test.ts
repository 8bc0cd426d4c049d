import { connect as connectPlainly } from "node:net";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Authority, type Identity } from "./certificates.ts";
import type { Reply } from "./http-call.ts";
import type { Machine } from "./machine.ts";
import { AgentUntilDisposed, NO_CONNECTION, ROLES, Trust } from "./remote-machine.ts";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

let trust: Trust;
beforeAll(async () => {
  trust = await Trust.create();
});

describe("roles over TLS", () => {
  let machine: Machine;
  let port: number;
  beforeAll(async () => {
    ({ machine, port } = await trust.start());
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
    ["GET", "/tx", 403, 200, 200],
    ["GET", "/tx/list", 403, 200, 200],
    ["DELETE", "/tx", 403, 200, 200],
    ["POST", "/tx/apply?keys=motd", 403, 200, 200],
    ["POST", "/tx/apply?keys=api.remote", 403, 403, 200],
    ["POST", "/tx/commit", 403, 422, 422],
    ["GET", "/logs", 403, 200, 200],
    ["GET", "/containers/logs?name=none", 403, 404, 404],
    ["POST", "/actions/provision", 403, 403, 403],
    ["POST", "/actions/configure", 403, 403, 403],
    ["GET", "/nope", 404, 404, 404],
  ];

  it.each(table)(
    "%s %s answers reader %i, operator %i, admin %i",
    async (method, path, ...statuses) => {
      for (const [index, role] of ROLES.entries()) {
        const reply = await trust.call(port, trust.as(role), method, path);
        expect([role, reply.status]).toEqual([role, statuses[index]]);
      }
    },
  );

  it("lets an operator set what its role allows, and nothing else", async () => {
    const operator = trust.as("operator");
    const privileged = { motd: "by operator", api: { remote: { port: 1 } } };
    const refused = await trust.call(port, operator, "PATCH", "/settings", { body: privileged });
    expect([refused.status, refused.headers["content-type"]]).toEqual([
      403,
      "application/problem+json",
    ]);
    expect(refused.json).toMatchObject({
      detail:
        'Cannot set settings: "settings.api.remote.port" needs role admin, the client has role operator',
      details: { key: "settings.api.remote.port", role: "admin" },
    });
    expect((await machine.call("GET", "/tx")).json).toEqual({});
    const body = { motd: "by operator" };
    expect(
      (await trust.call(port, trust.as("reader"), "PATCH", "/settings", { body })).status,
    ).toBe(403);
    expect((await trust.call(port, operator, "PATCH", "/settings", { body })).status).toBe(204);
    expect((await trust.call(port, operator, "POST", "/tx/commit_and_apply")).status).toBe(200);
    expect(machine.read("run/ballast/etc/motd")).toBe("by operator\n");
  });

  it("does not let an operator commit what an admin has staged", async () => {
    const body = { api: { remote: { port: 1 } } };
    const staged = await trust.call(port, trust.as("admin"), "PATCH", "/settings?tx=mine", {
      body,
    });
    expect(staged.status).toBe(204);
    for (const [method, path] of [
      ["POST", "/tx/commit?tx=mine"],
      ["POST", "/tx/commit_and_apply?tx=mine"],
      ["DELETE", "/tx?tx=mine"],
    ] as const) {
      const reply = await trust.call(port, trust.as("operator"), method, path);
      expect([path, reply.status]).toEqual([path, 403]);
      expect(reply.text).toContain("settings.api.remote.port");
    }
    const dropped = await trust.call(port, trust.as("admin"), "DELETE", "/tx?tx=mine");
    expect(dropped.json).toEqual(["settings.api.remote.port"]);
  });

  it("leaves a line in the journal for each write: who, role, keys, and no value", async () => {
    const body = { motd: "Not-For-The-Journal" };
    const admin = trust.as("admin");
    expect((await trust.call(port, admin, "PATCH", "/settings?tx=a", { body })).status).toBe(204);
    expect((await trust.call(port, admin, "POST", "/tx/commit_and_apply?tx=a")).status).toBe(200);
    const who = 'who="CN=client serial=0A0B" role=admin';
    const keys = "tx=a keys=settings.motd";
    await machine.until(() =>
      machine.log.includes(`${who} method=POST path=/tx/commit_and_apply ${keys} status=200`),
    );
    expect(machine.log).toContain(`${who} method=PATCH path=/settings ${keys} status=204`);
    expect((await trust.call(port, trust.as("reader"), "POST", "/actions/reboot")).status).toBe(
      403,
    );
    await machine.until(() =>
      machine.log.includes("role=reader method=POST path=/actions/reboot status=403"),
    );
    expect(machine.log).not.toContain("Not-For-The-Journal");
  });

  it("never gives the server key away", async () => {
    const secret = trust.server.key.split("\n")[1] ?? "";
    const replies = [
      await machine.call("GET", "/settings"),
      await machine.call("GET", "/settings?keys=api.remote.server-key"),
      await trust.call(port, trust.as("admin"), "GET", "/settings?prefix=api.remote"),
    ];
    await machine.call("PATCH", "/settings?tx=look", { body: trust.settings(port) });
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
    ["of another authority", () => trust.stranger.client({ uris: ["ballast:role:admin"] })],
    [
      "of another authority of the same name",
      async () => (await Authority.create("ours")).client({ uris: ["ballast:role:admin"] }),
    ],
    [
      "that has expired",
      () =>
        trust.authority.client({
          uris: ["ballast:role:admin"],
          notAfter: new Date(Date.now() - 1000),
        }),
    ],
    [
      "that is not valid yet",
      () =>
        trust.authority.client({
          uris: ["ballast:role:admin"],
          notBefore: new Date(Date.now() + 600_000),
        }),
    ],
    [
      "for servers only",
      () => trust.authority.client({ uris: ["ballast:role:admin"], usages: [SERVER_AUTH] }),
    ],
  ];

  it.each(refused)("refuses a certificate %s at the handshake", async (_name, make) => {
    await expect(trust.call(port, { identity: await make() }, "GET", "/os")).rejects.toThrow(
      NO_CONNECTION,
    );
  });

  const powerless: [string, () => Promise<Identity>, string][] = [
    [
      "without extended key usage",
      () => trust.authority.client({ uris: ["ballast:role:admin"], usages: [] }),
      "clientAuth",
    ],
    [
      "with two roles",
      () => trust.authority.client({ uris: ["ballast:role:admin", "ballast:role:reader"] }),
      "has 2",
    ],
    [
      "with the same role twice",
      () => trust.authority.client({ uris: ["ballast:role:admin", "ballast:role:admin"] }),
      "has 2",
    ],
    [
      "with a role and another URI",
      () => trust.authority.client({ uris: ["https://example.org/", "ballast:role:admin"] }),
      "has 2",
    ],
    ["without a name", () => trust.authority.client({ uris: [] }), "has 0"],
    [
      "with an unknown role",
      () => trust.authority.client({ uris: ["ballast:role:root"] }),
      "must be",
    ],
    [
      "with a role in capitals",
      () => trust.authority.client({ uris: ["ballast:role:ADMIN"] }),
      "must be",
    ],
    [
      "with more behind the role",
      () => trust.authority.client({ uris: ["ballast:role:admin/x"] }),
      "must be",
    ],
    [
      "of an authority",
      () => trust.authority.client({ uris: ["ballast:role:admin"], isCa: true }),
      "authority",
    ],
  ];

  it.each(powerless)("gives a certificate %s no role", async (_name, make, reason) => {
    const reply = await trust.call(port, { identity: await make() }, "GET", "/os");
    expect(reply.status).toBe(403);
    expect(reply.text).toContain(reason);
  });

  it("talks to nobody without a certificate or below TLS 1.3", async () => {
    await expect(trust.call(port, {}, "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    await expect(
      trust.call(port, { ...trust.as("admin"), maxVersion: "TLSv1.2" }, "GET", "/os"),
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
    expect((await trust.call(port, trust.as("reader"), "GET", "/os")).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(3000);
    await ended;
    expect(performance.now() - before).toBeLessThan(9000);
  });

  it("bounds the connections of those with a certificate", async () => {
    const sockets = Array.from({ length: 70 }, () => trust.connect(port));
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
    const read = () => trust.call(port, trust.as("reader"), "GET", "/os").catch(() => undefined);
    await expect.poll(read).toMatchObject({ status: 200 });
  });

  it("listens on IPv4 and IPv6", async () => {
    expect(
      (await trust.call(port, { ...trust.as("reader"), host: "127.0.0.1" }, "GET", "/os")).status,
    ).toBe(200);
    expect(
      (await trust.call(port, { ...trust.as("reader"), host: "::1" }, "GET", "/os")).status,
    ).toBe(200);
  });

  it("looks at the dates again on a connection that lives on", async () => {
    const soon = new Date(Date.now() + 3000);
    const identity = await trust.authority.client({
      uris: ["ballast:role:reader"],
      notAfter: soon,
    });
    using agent = new AgentUntilDisposed();
    const read = (): Promise<Reply> => trust.call(port, { identity, agent }, "GET", "/os");
    expect((await read()).status).toBe(200);
    await delay(soon.getTime() - Date.now() + 1200);
    const late = await read();
    expect([late.status, late.text.includes("expired")]).toEqual([403, true]);
  });
});
