import { CommitReport, History, TryState } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

const RESTARTS = /restart hostname\.service/g;

/** Sets the host name so that other services are concerned too. */
async function change(machine: Machine, name: string, query = ""): Promise<CommitReport> {
  const body = { motd: `on ${name}`, network: { hostname: name } };
  expect((await machine.call("PATCH", "/settings", { body })).status).toBe(204);
  const done = await machine.call("POST", `/tx/commit_and_apply${query}`);
  expect([done.status, done.text]).toEqual([200, done.text]);
  return CommitReport.parse(done.json);
}

async function history(machine: Machine): Promise<History> {
  return History.parse((await machine.call("GET", "/history")).json);
}

function hostname(machine: Machine): string {
  return machine.read("run/ballast/etc/hostname");
}

describe("a commit on trial", () => {
  it("is taken back and applied by itself when nobody confirms it", async () => {
    await using machine = await startMachine();
    await change(machine, "old");
    const { try: trial } = await change(machine, "new", "?try-seconds=1");
    expect(trial?.token).toMatch(/^[0-9a-f-]{36}$/);
    expect(hostname(machine)).toBe("new\n");
    await machine.until(() => hostname(machine) === "old\n");
    await machine.until(() => machine.read("run/ballast/etc/motd") === "on old\n");
    await machine.until(() => machine.read("systemctl.log").match(RESTARTS)?.length === 3);
    expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({ motd: "on old" });
    expect((await history(machine))[0]).toMatchObject({ note: "Not confirmed in 1 s" });
    const late = await machine.call("POST", `/tx/confirm?token=${trial?.token}`);
    expect([late.status, late.json]).toMatchObject([
      409,
      { type: "urn:ballast:error:datastore.not-waiting" },
    ]);
  });

  it("stays when it is confirmed, and nobody commits before that", async () => {
    await using machine = await startMachine();
    const { try: trial } = await change(machine, "new", "?try-seconds=3600");
    expect(TryState.parse((await machine.call("GET", "/tx/try")).json).waiting).toEqual({
      ...trial,
      keys: ["settings.motd", "settings.network.hostname"],
    });
    const other = await machine.set({ motd: "other" });
    expect([other.status, other.json]).toMatchObject([
      409,
      { type: "urn:ballast:error:datastore.unconfirmed" },
    ]);
    const wrong = await machine.call("POST", "/tx/confirm?token=wrong");
    expect(wrong.status).toBe(409);
    expect((await machine.call("POST", `/tx/confirm?token=${trial?.token}`)).status).toBe(204);
    expect((await machine.call("POST", "/tx/commit_and_apply")).status).toBe(200);
    await machine.stop("SIGKILL");
    await machine.start();
    expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({ motd: "other" });
    expect(hostname(machine)).toBe("new\n");
  });

  it("is taken back before the server serves again, when it was killed meanwhile", async () => {
    await using machine = await startMachine();
    expect(await machine.configure()).toBe(0);
    await change(machine, "old");
    await change(machine, "new", "?try-seconds=3600");
    await machine.stop("SIGKILL");
    await machine.start();
    expect(hostname(machine)).toBe("old\n");
    expect(machine.read("systemctl.log").match(RESTARTS)).toHaveLength(4);
    expect(machine.log).toContain("Commit is taken back");
    expect(machine.log).not.toContain("on old");
    // The seed that was generated, old, new, and old again.
    expect(await history(machine)).toHaveLength(4);
    expect((await machine.call("GET", "/tx/try")).json).toEqual({ waiting: null });
  });

  it("is taken back when the machine was restarted meanwhile", async () => {
    await using machine = await startMachine();
    await change(machine, "old");
    await change(machine, "new", "?try-seconds=3600");
    await machine.stop("SIGTERM");
    machine.remove("run/ballast/etc");
    machine.write("proc/sys/kernel/random/boot_id", "00000000-0000-0000-0000-000000000002\n");
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect(hostname(machine)).toBe("old\n");
  });

  it.each(["0", "3601", "-1", "1.5", "x", ""])("refuses %j seconds", async (seconds) => {
    await using machine = await startMachine();
    await machine.call("PATCH", "/settings", { body: { motd: "x" } });
    const refused = await machine.call("POST", `/tx/commit_and_apply?try-seconds=${seconds}`);
    expect(refused.status).toBe(400);
    expect((await machine.call("GET", "/tx/list")).json).toEqual(["default"]);
  });
});

describe("rollback on failure", () => {
  it("puts the former settings back when a service fails, and says so", async () => {
    await using machine = await startMachine();
    await change(machine, "old");
    machine.write("fail-restart", "");
    const report = await change(machine, "new", "?rollback-on-failure=true");
    expect(report).toMatchObject({
      rolled_back: true,
      services: [
        { name: "motd", status: "ok" },
        { name: "hostname", status: "failed", reason: expect.stringContaining("Job for") },
      ],
      rollback: [
        { name: "motd", status: "ok" },
        { name: "hostname", status: "failed" },
      ],
    });
    expect(hostname(machine)).toBe("old\n");
    machine.remove("fail-restart");
    // What could not even be rolled back is brought up to date with the next apply.
    expect((await change(machine, "old", "?rollback-on-failure=true")).changed).toEqual([]);
    const applied = await machine.call("POST", "/tx/apply?keys=network.hostname");
    expect(applied.json).toMatchObject({ services: [{ name: "hostname", status: "ok" }] });
  });
});

describe("the client", () => {
  it("goes through try, confirm, history, diff and restore", async () => {
    await using machine = await startMachine();
    const run = async (...args: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await machine.client(args);
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return stdout;
    };
    await run("set", "motd=one");
    await run("set", "--try", "60", "network.hostname=web-2");
    expect(await run("confirm")).toBe("Confirmed");
    const commits = History.parse(JSON.parse(await run("history", "--json")));
    expect(commits.map(({ changes }) => changes)).toEqual([
      [
        {
          key: "settings.network.hostname",
          action: "set",
          secret: false,
          old: null,
          new: "web-2",
        },
      ],
      [{ key: "settings.motd", action: "set", secret: false, old: null, new: "one" }],
    ]);
    await machine.call("PATCH", "/settings", { body: { motd: null } });
    expect(await run("diff")).toBe(
      'settings.motd: "one" -> "Welcome to Ballast"\nwrite /run/ballast/etc/motd',
    );
    expect(await run("restore", "0", "--dry-run")).toContain("restart hostname.service");
    expect(await run("restore", "0")).toContain("settings.network.hostname");
    expect((await machine.call("GET", "/settings?keys=motd,network.hostname")).json).toEqual({
      motd: "Welcome to Ballast",
      network: { hostname: "ballast" },
    });
    expect(hostname(machine)).toBe("ballast\n");
    await run("unset", "motd");
  });
});
