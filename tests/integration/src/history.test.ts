import { generateKeyPairSync } from "node:crypto";
import { History, Plan, RestoreReport } from "@ballast/model";
import { describe, expect, it } from "vitest";
import type { Reply } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

const { privateKey: SECRET } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
/** A line of it that would show it wherever it is quoted. */
const SECRET_LINE = SECRET.split("\n")[1] ?? "";

function codeOf({ status, json }: Reply): unknown[] {
  const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
  return [status, String(type).replace("urn:ballast:error:", "")];
}

async function stage(machine: Machine, settings: unknown, tx = "default"): Promise<void> {
  const patch = await machine.call("PATCH", `/settings?tx=${tx}`, { body: settings });
  expect([patch.status, patch.text]).toEqual([204, ""]);
}

describe("taking settings away", () => {
  it("stages it in a transaction, all keys or none", async () => {
    await using machine = await startMachine();
    await machine.set({
      motd: "x",
      network: { hostname: "h" },
      health: { web: { tcp: "127.0.0.1:1" } },
    });
    const path = "/settings?tx=t&keys=";
    expect((await machine.call("DELETE", `${path}motd,settings.health.web`)).status).toBe(204);
    for (const keys of ["nope", "motd,nope", "network", "settings", "motd,,", "%22"]) {
      const refused = await machine.call("DELETE", `${path}${keys}`);
      expect([keys, ...codeOf(refused)]).toEqual([keys, 400, "apiserver.bad-settings"]);
    }
    expect((await machine.call("DELETE", path)).status).toBe(400);
    const done = await machine.call("POST", "/tx/commit_and_apply?tx=t");
    expect(done.json).toMatchObject({ changed: ["settings.health.web.tcp", "settings.motd"] });
    expect((await machine.call("GET", "/settings?keys=motd,network.hostname,health")).json).toEqual(
      { motd: "Welcome to Ballast", network: { hostname: "h" } },
    );
  });
});

describe("the plan", () => {
  it("tells keys, files and units, shows no secret and changes nothing", async () => {
    await using machine = await startMachine();
    await machine.call("POST", "/tx/apply");
    const before = (await machine.call("GET", "/settings")).headers.etag;
    await stage(machine, {
      network: { hostname: "new" },
      api: { remote: { "server-key": SECRET } },
    });
    const reply = await machine.call("GET", "/tx/plan");
    expect([reply.status, reply.headers.etag]).toEqual([200, before]);
    expect(reply.text).not.toContain(SECRET_LINE);
    const plan = Plan.parse(reply.json);
    expect(plan.changes).toEqual([
      { key: "settings.api.remote.server-key", action: "set", secret: true },
      {
        key: "settings.network.hostname",
        action: "set",
        secret: false,
        old: "ballast",
        new: "new",
      },
    ]);
    expect(plan.services.find(({ name }) => name === "hostname")).toEqual({
      name: "hostname",
      files: [
        { path: "hostname", action: "write" },
        { path: "sysctl-hostname.conf", action: "write" },
      ],
      verb: "restart",
      units: ["hostname.service"],
    });
    expect(plan.reboot).toBe(false);
    expect((await machine.call("GET", "/settings")).headers.etag).toBe(before);
    expect(machine.read("run/ballast/etc/hostname")).toBe("ballast\n");
  });

  it("is refused as the commit would be", async () => {
    await using machine = await startMachine();
    expect(codeOf(await machine.call("GET", "/tx/plan"))).toEqual([
      422,
      "datastore.nothing-pending",
    ]);
    await stage(machine, { api: { remote: { enabled: true } } });
    expect(codeOf(await machine.call("GET", "/tx/plan"))).toEqual([400, "datastore.rule"]);
  });
});

describe("history", () => {
  it("tells old and new, and leads back to any point without secrets", async () => {
    await using machine = await startMachine();
    await machine.set({ motd: "one", api: { remote: { "server-key": SECRET } } });
    await machine.set({ motd: "two", boot: { "trial-limit": 700 } });
    await machine.set({ motd: null, api: { remote: { "server-key": null } } });
    const reply = await machine.call("GET", "/history");
    expect(reply.text).not.toContain(SECRET_LINE);
    const commits = History.parse(reply.json);
    expect(commits.map(({ id, who, source }) => [id, who, source])).toEqual([
      [3, "local", "api"],
      [2, "local", "api"],
      [1, "local", "api"],
    ]);
    expect(commits[0]?.changes).toEqual([
      { key: "settings.api.remote.server-key", action: "unset", secret: true },
      { key: "settings.motd", action: "unset", secret: false, old: "two", new: null },
    ]);
    const restored = await machine.call("POST", "/history/restore?id=1&tx=back");
    expect(RestoreReport.parse(restored.json)).toEqual({
      tx: "back",
      staged: ["settings.boot.trial-limit", "settings.motd"],
      skipped: [
        {
          key: "settings.api.remote.server-key",
          reason: "is a secret, which the history does not hold",
        },
      ],
    });
    // Somebody else commits in between: the difference was made for other settings.
    await machine.set({ motd: "meanwhile" });
    const headers = { "if-match": restored.headers.etag ?? "" };
    const late = await machine.call("POST", "/tx/commit_and_apply?tx=back", { headers });
    expect(codeOf(late)).toEqual([412, "datastore.changed-meanwhile"]);
    const again = await machine.call("POST", "/history/restore?id=1&tx=back");
    expect(codeOf(again)).toEqual([409, "datastore.transaction-in-use"]);
    await machine.call("DELETE", "/tx?tx=back");
    const anew = await machine.call("POST", "/history/restore?id=1&tx=back");
    const match = { "if-match": anew.headers.etag ?? "" };
    const done = await machine.call("POST", "/tx/commit_and_apply?tx=back", { headers: match });
    expect(done.status).toBe(200);
    expect((await machine.call("GET", "/settings?keys=motd,boot.trial-limit")).json).toEqual({
      motd: "one",
      boot: { "trial-limit": 600 },
    });
    expect(machine.log).not.toContain(SECRET_LINE);
  });

  it("refuses points that it does not have", async () => {
    await using machine = await startMachine();
    await machine.set({ motd: "one" });
    expect(codeOf(await machine.call("POST", "/history/restore?id=2"))).toEqual([
      404,
      "datastore.no-such-commit",
    ]);
    for (const query of ["", "?id=-1", "?id=x", "?id=1e3", "?id=1&tx=a%20b"])
      expect(codeOf(await machine.call("POST", `/history/restore${query}`))).toEqual([
        400,
        "apiserver.bad-query",
      ]);
    const nothing = await machine.call("POST", "/history/restore?id=1");
    expect(RestoreReport.parse(nothing.json).staged).toEqual([]);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });
});
