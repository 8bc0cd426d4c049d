import { createServer } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ApplyReport, CommitReport } from "@ballast/model";
import { beforeAll, describe, expect, it } from "vitest";
import { startMachine } from "./machine.ts";
import { AgentUntilDisposed, NO_CONNECTION, Trust } from "./remote-machine.ts";

let trust: Trust;
beforeAll(async () => {
  trust = await Trust.create();
});

async function tlsSession(port: number): Promise<Buffer> {
  const socket = trust.connect(port);
  socket.write("GET /os HTTP/1.1\r\nHost: x\r\n\r\n");
  const session = await new Promise<Buffer>((resolve) => {
    socket.once("session", resolve);
  });
  socket.destroy();
  return session;
}

async function resume(port: number, session: Buffer): Promise<string> {
  const socket = trust.connect(port, { session });
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
    const { machine, port } = await trust.start();
    await using _ = machine;
    const other = await trust.authority.server();
    const report = CommitReport.parse(
      (await machine.set(trust.settings(port, { "server-key": other.key }))).json,
    );
    expect(report.services[0]).toMatchObject({ name: "api-remote", status: "failed" });
    expect(report.services[0]?.reason).toContain("Cannot use the certificates of api.remote");
    expect((await trust.call(port, trust.as("reader"), "GET", "/os")).status).toBe(200);
    expect((await machine.call("GET", "/health")).text).toContain("Cannot use the certificates");
    const repaired = CommitReport.parse((await machine.set(trust.settings(port))).json);
    expect(repaired.services[0]).toMatchObject({ status: "ok" });
  });

  it("keeps the former listener when the new port is taken, and moves when it is free", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const holder = createServer().listen(0, "::");
    await once(holder, "listening");
    const address = holder.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    const failed = CommitReport.parse((await machine.set(trust.settings(taken))).json);
    expect(failed.services[0]?.reason).toContain(`Cannot listen on port ${taken}`);
    expect((await trust.call(port, trust.as("reader"), "GET", "/os")).status).toBe(200);
    holder.close();
    await once(holder, "close");
    const moved = ApplyReport.parse((await machine.call("POST", "/tx/apply?keys=api.remote")).json);
    expect(moved.services[0]).toMatchObject({ status: "ok" });
    expect((await trust.call(taken, trust.as("reader"), "GET", "/os")).status).toBe(200);
    await expect(trust.call(port, trust.as("reader"), "GET", "/os")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("trusts a new authority at once and the former one no more, also on kept connections", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    using agent = new AgentUntilDisposed();
    const way = { ...trust.as("admin"), agent };
    expect((await trust.call(port, way, "GET", "/os")).status).toBe(200);
    const body = trust.settings(port, { "ca-certificate": trust.stranger.pem });
    expect((await trust.call(port, way, "PATCH", "/settings", { body })).status).toBe(204);
    // The answer to the very change still arrives; it is the last one on this connection.
    const changed = await trust.call(port, way, "POST", "/tx/commit_and_apply");
    expect(CommitReport.parse(changed.json).services[0]).toMatchObject({ status: "ok" });
    await expect(trust.call(port, way, "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    await expect(trust.call(port, trust.as("admin"), "GET", "/os")).rejects.toThrow(NO_CONNECTION);
    const identity = await trust.stranger.client({ uris: ["ballast:role:reader"] });
    expect((await trust.call(port, { identity }, "GET", "/os")).status).toBe(200);
  });

  it("resumes no session of the former authority", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    const session = await tlsSession(port);
    expect(await resume(port, session)).toContain("200 OK");
    await machine.set(trust.settings(port, { "ca-certificate": trust.stranger.pem }));
    const late = await resume(port, session).catch(() => "refused");
    expect(late).not.toContain("HTTP/1.1");
    await machine.until(() => machine.log.includes("TLS client refused"));
  });

  it("comes up again with the server, and goes when it is disabled", async () => {
    const { machine, port } = await trust.start();
    await using _ = machine;
    expect(await machine.configure()).toBe(0);
    await machine.stop("SIGKILL");
    await machine.start();
    expect((await trust.call(port, trust.as("reader"), "GET", "/os")).status).toBe(200);
    expect(machine.has("run/ballast/etc/remote")).toBe(false);
    await machine.set({ api: { remote: { enabled: false } } });
    await expect(trust.call(port, trust.as("reader"), "GET", "/os")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });
});
