import { request } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { CommitReport, Health } from "@ballast/model";
import { beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./machine.ts";
import { AgentUntilDisposed, Trust } from "./remote-machine.ts";

const ADMIN = { uris: ["ballast:role:admin"] };

let trust: Trust;
beforeAll(async () => {
  trust = await Trust.create();
});

async function revoke(machine: Machine, serials: readonly string[], ends?: Date): Promise<void> {
  const list = await trust.authority.revocationList(serials, ends);
  const reply = await machine.set({ api: { remote: { "revocation-list": list } } });
  expect(CommitReport.parse(reply.json).services).toEqual([
    { name: "api-remote", action: "restarted", status: "ok" },
  ]);
}

describe("a revocation list", () => {
  it("takes the role from a certificate and leaves the others theirs", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const lost = { identity: await trust.authority.client({ ...ADMIN, serial: "00c0ffee" }) };
    const kept = { identity: await trust.authority.client({ ...ADMIN, serial: "0c0ffee0" }) };
    expect((await trust.call(port, lost, "GET", "/os")).status).toBe(200);
    await revoke(machine, ["1234", "c0ffee"]);
    const refused = await trust.call(port, lost, "GET", "/os");
    expect([refused.status, refused.text.includes("it is revoked")]).toEqual([403, true]);
    expect((await trust.call(port, kept, "GET", "/os")).status).toBe(200);
    await revoke(machine, ["1234"]);
    expect((await trust.call(port, lost, "GET", "/os")).status).toBe(200);
  });

  it("holds on connections that live on, and ends answers that do", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const identity = await trust.authority.client({ ...ADMIN, serial: "77" });
    using agent = new AgentUntilDisposed();
    const way = { identity, agent };
    expect((await trust.call(port, way, "GET", "/os")).status).toBe(200);
    const target = { host: "localhost", port, ca: trust.authority.pem, servername: "localhost" };
    const follow = request({ ...target, ...identity, path: "/logs?follow=true" });
    const answered: Promise<IncomingMessage[]> = once(follow, "response");
    follow.end();
    const [stream] = await answered;
    if (stream === undefined) throw new Error("There is no answer");
    const ended = once(stream.resume(), "close");
    await revoke(machine, ["77"]);
    await ended;
    await expect(trust.call(port, way, "GET", "/os")).resolves.toMatchObject({ status: 403 });
  });

  it("stays in force after its time, and health says that a new one is due", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const identity = await trust.authority.client({ ...ADMIN, serial: "77" });
    await revoke(machine, ["77"], new Date(Date.now() - 60_000));
    expect((await trust.call(port, { identity }, "GET", "/os")).status).toBe(403);
    const reply = await trust.call(port, trust.as("reader"), "GET", "/health");
    const check = Health.parse(reply.json).checks.find(({ name }) => name === "certificates");
    expect(check?.status).toBe("warning");
    expect(check?.reason).toContain("settings.api.remote.revocation-list has ended on");
  });

  it("of another authority is refused, and the former one stays", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    await revoke(machine, ["77"]);
    const foreign = await trust.stranger.revocationList(["0a0b"]);
    const reply = await machine.set({ api: { remote: { "revocation-list": foreign } } });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('api.remote.revocation-list\\" must be signed by');
    expect((await trust.call(port, trust.as("admin"), "GET", "/os")).status).toBe(200);
    const identity = await trust.authority.client({ ...ADMIN, serial: "77" });
    expect((await trust.call(port, { identity }, "GET", "/os")).status).toBe(403);
  });
});

describe("the server's certificate", () => {
  it("is replaced without a pause for those who come, and without a restart", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const before = trust.connect(port);
    await once(before, "secureConnect");
    const next = await trust.authority.server();
    const changes = { "server-certificate": next.cert, "server-key": next.key };
    await machine.set(trust.settings(port, changes));
    const after = trust.connect(port);
    await once(after, "secureConnect");
    const seen = [before, after].map((socket) => socket.getPeerX509Certificate()?.fingerprint256);
    expect(seen[0]).not.toBe(seen[1]);
    for (const socket of [before, after]) socket.destroy();
    expect((await trust.call(port, trust.as("admin"), "GET", "/os")).status).toBe(200);
    expect(machine.log.match(/API is served/g)).toHaveLength(1);
  });
});
