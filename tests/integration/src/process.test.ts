// oxlint-disable-next-line no-restricted-imports -- execa passes no descriptor on, systemd does
import { spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { httpCall } from "./http-call.ts";
import { Machine, NODE_FLAGS, startMachine } from "./machine.ts";

const ACTIVATE = join(import.meta.dirname, "fixtures/activate");

describe("the program", () => {
  it("tells its version and help, and refuses what it does not know", async () => {
    await using machine = new Machine();
    expect((await machine.spawn(["--version"])).stdout).toMatch(/^apiserver \d+\.\d+\.\d+$/);
    expect((await machine.spawn(["--help"])).stdout).toContain("apiserver configure");
    const wrong = await machine.spawn(["nope"]);
    expect([wrong.exitCode, wrong.stdout]).toEqual([64, ""]);
    expect(wrong.stderr).toContain('Unknown command "nope"');
  });

  it("serves on the socket that systemd passes and hands it to no child", async () => {
    await using machine = new Machine();
    const path = join(machine.root, "passed.sock");
    const listener = createServer().listen(`${path}.own`);
    await once(listener, "listening");
    // Closing a listener removes its path; the program is to be the only one that listens.
    renameSync(`${path}.own`, path);
    const fd = descriptorOf(listener);
    const command = [
      process.execPath,
      ...NODE_FLAGS,
      inject("bundle"),
      "serve",
      "--root",
      machine.root,
    ];
    const child = spawn(ACTIVATE, command, { stdio: ["ignore", "ignore", "pipe", fd] });
    onTestFinished(() => {
      child.kill("SIGKILL");
      listener.close();
    });
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    await machine.until(() => log.includes("API is served"));
    listener.close();
    expect((await httpCall({ socketPath: path }, "GET", "/os")).status).toBe(200);
    expect((await httpCall({ socketPath: path }, "GET", "/health")).status).toBe(503);
    expect(machine.read("systemctl.fds")).not.toMatch(/ 3 -> socket/);
    expect(machine.has("run/ballast/api.sock")).toBe(false);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("answers GET /os without starting any process", async () => {
    await using machine = await startMachine();
    await machine.until(() => machine.has("run/ballast/signpost/status.json"));
    const atStart = machine.read("systemctl.log");
    const timesMs: number[] = [];
    for (let round = 0; round < 200; round += 1) {
      const before = performance.now();
      await machine.call("GET", "/os");
      timesMs.push(performance.now() - before);
    }
    expect(machine.read("systemctl.log")).toBe(atStart);
    // The target is 2 ms on a quiet machine; a process started per request costs far more than this.
    expect(timesMs.toSorted((a, b) => a - b)[100]).toBeLessThan(10);
  });

  it("reboots and shuts down through systemd, and says when systemd refuses", async () => {
    await using machine = await startMachine();
    expect((await machine.call("POST", "/actions/reboot")).status).toBe(204);
    expect((await machine.call("POST", "/actions/shutdown")).status).toBe(204);
    expect(machine.read("systemctl.log")).toContain(
      "--no-block --no-wall --no-ask-password reboot\n",
    );
    expect(machine.read("systemctl.log")).toContain(
      "--no-block --no-wall --no-ask-password poweroff\n",
    );
    machine.remove("usr/bin/systemctl");
    const failed = await machine.call("POST", "/actions/reboot");
    expect([failed.status, failed.text.includes("Cannot run")]).toEqual([500, true]);
  });
});

/** Node tells no descriptor of a server in public. */
function descriptorOf(server: object): number {
  const handle: unknown = Reflect.get(server, "_handle");
  if (typeof handle !== "object" || handle === null) throw new Error("The server has no handle");
  return Number(Reflect.get(handle, "fd"));
}
