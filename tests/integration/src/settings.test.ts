import { statSync } from "node:fs";
import { join } from "node:path";
import {
  ApplyReport,
  Boot,
  CommitReport,
  Health,
  Names,
  Os,
  PartialSettingsSchema,
  ProblemSchema,
} from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine } from "./machine.ts";

const HOSTNAME_RESTART = "--no-ask-password restart hostname.service";

describe("reading", () => {
  it("answers what the schemas of the API say", async () => {
    await using machine = await startMachine();
    expect(Os.parse((await machine.call("GET", "/os")).json)).toEqual({
      pretty_name: "Ballast 1.2.3",
      variant_id: "test",
      version_id: "1.2.3",
      build_id: "b1",
      arch: process.arch === "x64" ? "x86_64" : "aarch64",
      slot: "A",
      root_hash: "0123456789abcdef".repeat(4),
    });
    const health = await machine.call("GET", "/health");
    expect(health.status).toBe(503);
    expect(Health.parse(health.json).status).toBe("starting");
    expect(Boot.parse((await machine.call("GET", "/boot")).json).provisioned).toBe(false);
    const settings = await machine.call("GET", "/settings");
    expect(PartialSettingsSchema.parse(settings.json)).toMatchObject({
      boot: { "trial-limit": 600 },
      motd: "Welcome to Ballast",
      network: { hostname: "ballast" },
      api: { remote: { enabled: false, port: 8443 } },
    });
  });

  it("chooses settings by key or prefix and refuses unknown ones", async () => {
    await using machine = await startMachine();
    const read = async (query: string): Promise<unknown> =>
      (await machine.call("GET", `/settings?${query}`)).json;
    expect(await read("keys=motd,settings.network.hostname")).toEqual({
      motd: "Welcome to Ballast",
      network: { hostname: "ballast" },
    });
    expect(await read("prefix=settings.api")).toEqual({
      api: { remote: { enabled: false, port: 8443 } },
    });
    expect(await read("prefix=settings")).toHaveProperty("motd");
    for (const query of [
      "keys=nope",
      "prefix=mot",
      "keys=",
      "keys=motd,,",
      "nope=1",
      "keys=motd&keys=motd",
    ]) {
      const reply = await machine.call("GET", `/settings?${query}`);
      expect([query, reply.status, reply.headers["content-type"]]).toEqual([
        query,
        400,
        "application/problem+json",
      ]);
      expect(ProblemSchema.parse(reply.json).type).toBe("urn:ballast:error:apiserver.bad-query");
    }
  });

  it("tells the truth about methods, paths and HEAD", async () => {
    await using machine = await startMachine();
    const head = await machine.call("HEAD", "/settings");
    const get = await machine.call("GET", "/settings");
    expect([head.status, head.text, head.headers["content-length"], head.headers.etag]).toEqual([
      200,
      "",
      get.headers["content-length"],
      get.headers.etag,
    ]);
    expect((await machine.call("HEAD", "/logs?follow=true")).status).toBe(200);
    const wrong = await machine.call("PUT", "/settings");
    expect([wrong.status, wrong.headers.allow]).toEqual([405, "DELETE, GET, HEAD, PATCH"]);
    expect((await machine.call("GET", "/nope")).status).toBe(404);
    expect((await machine.call("HEAD", "/nope")).text).toBe("");
    const same = await machine.call("GET", "/settings", {
      headers: { "if-none-match": get.headers.etag ?? "" },
    });
    expect([same.status, same.text]).toEqual([304, ""]);
  });
});

describe("setting", () => {
  it("stages, commits, renders, restarts and reports", async () => {
    await using machine = await startMachine();
    const patch = await machine.call("PATCH", "/settings", {
      body: { motd: "hi", network: { hostname: "web-1" } },
    });
    expect([patch.status, patch.text]).toEqual([204, ""]);
    expect((await machine.call("GET", "/tx")).json).toEqual({
      motd: "hi",
      network: { hostname: "web-1" },
    });
    expect(Names.parse((await machine.call("GET", "/tx/list")).json)).toEqual(["default"]);
    expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({
      motd: "Welcome to Ballast",
    });
    const done = await machine.call("POST", "/tx/commit_and_apply");
    expect(CommitReport.parse(done.json)).toEqual({
      changed: ["settings.motd", "settings.network.hostname"],
      services: [
        { name: "motd", action: "rendered", status: "ok" },
        { name: "hostname", action: "restarted", status: "ok" },
      ],
    });
    expect(machine.read("run/ballast/etc/motd")).toBe("hi\n");
    expect(machine.read("run/ballast/etc/hostname")).toBe("web-1\n");
    expect(machine.read("run/ballast/etc/sysctl-hostname.conf")).toBe("kernel.hostname = web-1\n");
    expect(statSync(join(machine.root, "run/ballast/etc/motd")).mode & 0o777).toBe(0o644);
    expect(machine.read("systemctl.log").split("\n")).toContain(HOSTNAME_RESTART);
    expect((await machine.call("GET", "/tx")).json).toEqual({});
    expect((await machine.call("POST", "/tx/commit")).status).toBe(422);
  });

  it("commits first and applies later when asked so", async () => {
    await using machine = await startMachine();
    await machine.call("PATCH", "/settings?tx=mine", { body: { motd: "later" } });
    expect((await machine.call("POST", "/tx/commit?tx=mine")).json).toEqual(["settings.motd"]);
    expect(machine.has("run/ballast/etc/motd")).toBe(false);
    const applied = await machine.call("POST", "/tx/apply?keys=settings.motd");
    expect(ApplyReport.parse(applied.json).services).toHaveLength(1);
    expect(machine.read("run/ballast/etc/motd")).toBe("later\n");
    const all = ApplyReport.parse((await machine.call("POST", "/tx/apply")).json).services;
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["motd", "hostname"]));
    expect((await machine.call("POST", "/tx/apply?keys=nope")).status).toBe(400);
  });

  it("takes key pairs, unsets by null and drops pending sets", async () => {
    await using machine = await startMachine();
    const body = { request_payload: ["motd=1", "settings.api.remote.port=9000"] };
    expect((await machine.call("PATCH", "/settings/keypair", { body })).status).toBe(204);
    expect((await machine.call("GET", "/tx")).json).toEqual({
      motd: "1",
      api: { remote: { port: 9000 } },
    });
    expect((await machine.call("DELETE", "/tx")).json).toEqual([
      "settings.api.remote.port",
      "settings.motd",
    ]);
    await machine.set({ motd: "x" });
    await machine.set({ motd: null });
    expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({
      motd: "Welcome to Ballast",
    });
  });

  it("refuses a commit on settings that were changed meanwhile", async () => {
    await using machine = await startMachine();
    const etag = (await machine.call("GET", "/settings")).headers.etag ?? "";
    const first = await machine.set({ motd: "one" });
    expect(first.headers.etag).not.toBe(etag);
    await machine.call("PATCH", "/settings", { body: { motd: "two" } });
    const late = await machine.call("POST", "/tx/commit_and_apply", {
      headers: { "if-match": etag },
    });
    expect(late.status).toBe(412);
    expect(machine.read("run/ballast/etc/motd")).toBe("one\n");
  });

  it("answers a failing service, hides no other, and tries it again", async () => {
    await using machine = await startMachine({ "fail-restart": "" });
    const failed = CommitReport.parse(
      (await machine.set({ motd: "a", network: { hostname: "b" } })).json,
    );
    expect(failed.services.map(({ name, status }) => [name, status])).toEqual([
      ["motd", "ok"],
      ["hostname", "failed"],
    ]);
    expect(failed.services[1]?.reason).toContain("Job for hostname.service failed.");
    expect(JSON.stringify((await machine.call("GET", "/health")).json)).toContain(
      "Cannot restart hostname.service",
    );
    machine.remove("fail-restart");
    const again = ApplyReport.parse(
      (await machine.call("POST", "/tx/apply?keys=network.hostname")).json,
    );
    expect(again.services).toEqual([{ name: "hostname", action: "restarted", status: "ok" }]);
  });

  it("writes an audit line of keys, never of values", async () => {
    await using machine = await startMachine();
    await machine.set({ motd: "a-very-private-text" });
    await machine.until(() => machine.log.includes("path=/tx/commit_and_apply"));
    expect(machine.log).toMatch(
      /API write who=local role=admin method=PATCH path=\/settings tx=default keys=settings\.motd status=204/,
    );
    expect(machine.log).not.toContain("a-very-private-text");
  });
});

describe("settings with names of the user's choice", () => {
  const KEYPAIRS = [
    "health.web.tcp=127.0.0.1:1",
    'settings.health."web".timeout-seconds=3',
    "health.db.unit=db.service",
  ];

  it("come by key, have defaults, and go as a whole", async () => {
    await using machine = await startMachine();
    const body = { request_payload: KEYPAIRS };
    expect((await machine.call("PATCH", "/settings/keypair", { body })).status).toBe(204);
    expect((await machine.call("POST", "/tx/commit")).json).toEqual([
      "settings.health.db.unit",
      "settings.health.web.tcp",
      "settings.health.web.timeout-seconds",
    ]);
    const read = async (query: string): Promise<unknown> =>
      (await machine.call("GET", `/settings?${query}`)).json;
    expect(await read("prefix=health")).toEqual({
      health: {
        db: { unit: "db.service", "timeout-seconds": 5 },
        web: { tcp: "127.0.0.1:1", "timeout-seconds": 3 },
      },
    });
    expect(await read("keys=health.web.tcp,health.none")).toEqual({
      health: { web: { tcp: "127.0.0.1:1" } },
    });
    expect((await machine.call("GET", "/settings?prefix=health.Bad")).status).toBe(400);
    const gone = await machine.set({ health: { web: null } });
    expect(CommitReport.parse(gone.json).changed).toEqual([
      "settings.health.web.tcp",
      "settings.health.web.timeout-seconds",
    ]);
    expect(await read("prefix=health")).toEqual({
      health: { db: { unit: "db.service", "timeout-seconds": 5 } },
    });
  });

  it.each([
    [{ Web: { tcp: "a:1" } }, "settings.health.Web", "must be named by"],
    [{ "a.b": { tcp: "a:1" } }, 'settings.health.\\"a.b\\"', "must be named by"],
    [{ web: { container: "web" } }, "settings.health.web.container", "is not a known setting"],
    [{ web: { tcp: "a:1", unit: "a.service" } }, "health.web", "exactly one of unit, http, tcp"],
    [{ web: {}, db: { "timeout-seconds": 1 } }, "health.db", "exactly one of unit, http, tcp"],
  ])("are refused as %j", async (health, key, reason) => {
    await using machine = await startMachine();
    const refused = await machine.set({ health });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(key);
    expect(refused.text).toContain(reason);
    expect((await machine.call("GET", "/settings?prefix=health")).json).toEqual({});
  });
});

describe("a server that comes back", () => {
  it("keeps settings over kill and restart and does not restart services again", async () => {
    await using machine = await startMachine();
    expect(await machine.configure()).toBe(0);
    await machine.set({ motd: "kept", network: { hostname: "kept" } });
    await machine.stop("SIGKILL");
    const restarts = (): number =>
      machine
        .read("systemctl.log")
        .split("\n")
        .filter((line) => line === HOSTNAME_RESTART).length;
    const before = restarts();
    await machine.start();
    expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({ motd: "kept" });
    expect((await machine.call("GET", "/health")).status).toBe(200);
    expect(restarts()).toBe(before);
    machine.remove("run/ballast");
  });

  it("sets a damaged database aside, says so and goes on", async () => {
    await using machine = await startMachine();
    await machine.set({ motd: "lost" });
    await machine.stop();
    machine.write("var/lib/ballast/settings/1.2.3.sqlite", "not a database ".repeat(1000));
    await machine.start();
    expect(machine.has("var/lib/ballast/settings/1.2.3.sqlite.damaged-1")).toBe(true);
    expect(JSON.stringify((await machine.call("GET", "/health")).json)).toContain("was damaged");
    expect((await machine.set({ motd: "new" })).status).toBe(200);
    expect(machine.log).toContain("Settings database was damaged");
  });

  it("stops at SIGTERM within its time with code 0, also while logs are followed", async () => {
    await using machine = await startMachine();
    const following = machine.call("GET", "/logs?follow=true").catch((error: unknown) => error);
    await machine.until(() => machine.has("journalctl.log"));
    const before = performance.now();
    expect(await machine.stop()).toBe(0);
    expect(performance.now() - before).toBeLessThan(4000);
    await following;
    expect(machine.has("run/ballast/api.sock")).toBe(false);
  });

  it("refuses a database of a newer system with an error that says so", async () => {
    await using machine = await startMachine();
    await machine.stop();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(join(machine.root, "var/lib/ballast/settings/1.2.3.sqlite"));
    database.exec("PRAGMA user_version = 9");
    database.close();
    const result = await machine.spawn(["serve", "--root", machine.root]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(
      /apiserver: Cannot open settings database ".*": its layout is 9.*\[datastore\.too-new\]/,
    );
    expect(machine.read("dev/console")).toMatch(
      /^Ballast: API is not served: Cannot open settings database ".*": its layout is 9, must be at most \d$/m,
    );
  });
});
