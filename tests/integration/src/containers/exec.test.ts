import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openExec } from "@ballast/api-client/exec";
import type { TerminalSize } from "@ballast/model/exec";
import type { ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { Machine, NODE_FLAGS } from "../machine.ts";
import { Trust } from "../remote-machine.ts";
import { clientWithBytes, processesWith, shareManager } from "./exec-machine.ts";
import { CAN_RUN_LAB, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const IMAGE = "lab.local/probe:1";

let lab: ContainersLab;
let manager: RunningManager;
let machine: Machine;

beforeAll(async () => {
  lab = await startLab();
  await want(lab, {
    web: { image: IMAGE, args: ["hold"], env: { COLOUR: "green" }, user: "1000:1001" },
    over: { image: IMAGE, args: ["end", "0", "0"], restart: "never" },
  });
  manager = await startManager(lab);
  machine = new Machine();
  await shareManager(lab, machine);
  await machine.start();
  await vi.waitUntil(async () => (await exec("web", "print", "up")).exitCode === 0, SOON);
}, 60_000);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await manager.end("SIGTERM");
  await lab[Symbol.asyncDispose]();
});

function clientOf(words: readonly string[], input?: Uint8Array) {
  return clientWithBytes(["--socket", machine.socket], words, input);
}

async function exec(container: string, ...words: string[]) {
  const { exitCode, stdout, stderr } = await clientOf([
    "exec",
    container,
    "--",
    "/probe",
    ...words,
  ]);
  return { exitCode, stdout: stdout.toString(), stderr };
}

/** A session without the program, of which a test sees each piece. */
async function open(words: readonly string[], tty: TerminalSize | null) {
  const stop = new AbortController();
  let output = "";
  const session = await openExec(
    { socketPath: machine.socket },
    { target: "web", command: ["/probe", ...words], tty, separate: true },
    {
      signal: stop.signal,
      onOutput: (_, bytes) => {
        output += Buffer.from(bytes).toString();
        return undefined;
      },
    },
  );
  return { session, stop, output: () => output };
}

describe.runIf(CAN_RUN_LAB)("a command in a container", { timeout: 60_000 }, () => {
  it("gives its output, its errors and its exit code", async () => {
    expect(await exec("web", "say", "out", "error")).toEqual({
      ...{ exitCode: 0, stdout: "out\n", stderr: "error\n" },
    });
    expect(await exec("workload/web", "end", "0", "7")).toMatchObject({ exitCode: 7 });
    expect(manager.log()).toContain(
      "Command in a container ended who=local role=admin container=workload/web exit_code=7",
    );
  });

  it("is what the container itself is: user, environment, rights", async () => {
    expect((await exec("web", "id")).stdout).toBe("1000:1001\n");
    expect((await exec("web", "env", "COLOUR")).stdout).toBe("green\n");
    const { stdout } = await exec("web", "show", "/proc/self/status");
    expect(stdout).toMatch(/^CapBnd:\t0+$/m);
    expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
    expect(stdout).toMatch(/^Seccomp:\t2$/m);
  });

  it.each([
    ["none", ["none", "--", "/probe"], 125, 'There is no container "none"'],
    ["one that is over", ["over", "--", "/probe"], 125, 'Container "workload/over" does not run'],
    ["none of its kind", ["host/web", "--", "/probe"], 125, 'There is no container "web"'],
    ["no name", ["../x", "--", "/probe"], 125, 'There is no container "../x"'],
    ["no such command", ["web", "--", "/nothing"], 127, "no such file or directory"],
    ["none on the path", ["web", "--", "nothing"], 127, "executable file not found in $PATH"],
    ["no program", ["web", "--", "/etc"], 126, "/etc"],
  ])("says why it cannot run: %s", async (_, words, exitCode, reason) => {
    const ended = await clientOf(["exec", ...words]);
    expect([ended.exitCode, ended.stderr]).toEqual([exitCode, expect.stringContaining(reason)]);
  });

  it("carries 100 MB both ways, and keeps nothing of it", async () => {
    const bytes = randomBytes(100_000_000);
    const { exitCode, stdout } = await clientOf(["exec", "web", "--", "/probe", "cat"], bytes);
    const [sent, got] = [bytes, stdout].map((data) => createHash("sha256").update(data).digest());
    expect([exitCode, stdout.length, got?.toString("hex")]).toEqual([
      0,
      bytes.length,
      sent?.toString("hex"),
    ]);
  });

  it("waits for a reader that is slower than any heartbeat", async () => {
    const command = [process.execPath, ...NODE_FLAGS, inject("clientBundle")];
    const words = [...command, "exec", "--socket", machine.socket, "web", "--", "/probe", "cat"];
    const script = `head -c 3000000 /dev/zero | ${words.join(" ")} | { sleep 13; wc -c; }`;
    expect((await execa("/bin/sh", ["-c", script])).stdout.trim()).toBe("3000000");
  });

  it("has a terminal that knows its size, and hears when it changes", async () => {
    const { session, output } = await open(["window"], { rows: 30, cols: 100 });
    await expect.poll(output, SOON).toBe("30x100\r\n");
    session.resize({ rows: 41, cols: 121 });
    await expect.poll(output, SOON).toContain("41x121\r\n");
    await session.write(Buffer.from("\r"));
    expect(await session.exitCode).toBe(0);
  });

  it("is ended by Ctrl-C on its terminal", async () => {
    const { session } = await open(["hold"], { rows: 24, cols: 80 });
    await delay(300);
    await session.write(Buffer.from("\x03"));
    expect(await session.exitCode).toBe(130);
  });

  it("gives the client's own terminal back as it was, with the exit code", async () => {
    const command = [process.execPath, ...NODE_FLAGS, inject("clientBundle")];
    const words = [...command, "exec", "--socket", machine.socket, "web", "--", "/probe", "window"];
    const script = `stty rows 33 cols 99; stty -g; ${words.join(" ")}; echo "code $?"; stty -g`;
    const { stdout } = await execa("/bin/sh", [
      ...["-c", `(sleep 2; printf '\\r'; sleep 2) | script -qec '${script}' /dev/null`],
    ]);
    const lines = stdout.split(/[\r\n]+/);
    expect(lines).toEqual(expect.arrayContaining(["33x99", "code 0"]));
    const [before, after] = lines.filter((line) => /^[0-9a-f]+(:[0-9a-f]+){10}/.test(line));
    expect(after).toBe(before);
  });

  it.each(["hold", "stubborn"])("ends with its client: %s", async (act) => {
    const mark = randomUUID();
    const { session, stop } = await open([act, mark], null);
    await expect.poll(() => processesWith(lab, mark), SOON).toHaveLength(1);
    stop.abort(new Error("enough"));
    await expect(session.exitCode).rejects.toThrow("enough");
    await expect.poll(() => processesWith(lab, mark), SOON).toEqual([]);
    await expect.poll(() => readdir(lab.path("run/ballast/containers/exec")), SOON).toEqual([]);
  });

  it("runs beside many others", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `word-${index}`);
    const all = await Promise.all(ids.map((id) => exec("web", "print", id)));
    expect(all.map(({ stdout }) => stdout)).toEqual(ids.map((id) => `${id}\n`));
  });

  it("that is one too many is refused, and the next one is not", async () => {
    const holding = await Promise.all(Array.from({ length: 32 }, () => open(["hold"], null)));
    const ended = await exec("web", "print", "x");
    expect([ended.exitCode, ended.stderr]).toEqual([125, expect.stringContaining("Too many")]);
    for (const { stop } of holding) stop.abort();
    await Promise.allSettled(holding.map(({ session }) => session.exitCode));
    await vi.waitUntil(async () => (await exec("web", "print", "x")).exitCode === 0, SOON);
  });

  it("goes on while containerd is started anew", async () => {
    const { session, output } = await open(["cat"], null);
    await session.write(Buffer.from("one "));
    await expect.poll(output, SOON).toBe("one ");
    await lab.stopContainerd("SIGKILL");
    await session.write(Buffer.from("two"));
    await lab.startContainerd();
    await expect.poll(output, SOON).toBe("one two");
    session.endInput();
    expect(await session.exitCode).toBe(0);
  });

  it("ends when the manager is killed; the next manager removes what is left of it", async () => {
    const mark = randomUUID();
    const { session } = await open(["hold", mark], null);
    await expect.poll(() => processesWith(lab, mark), SOON).toHaveLength(1);
    await manager.end("SIGKILL");
    await expect(session.exitCode).rejects.toThrow("the connection was cut");
    const ended = await exec("web", "print", "x");
    expect([ended.exitCode, ended.stderr]).toEqual([
      125,
      expect.stringContaining("the manager of containers does not run"),
    ]);
    manager = await startManager(lab);
    await expect.poll(() => processesWith(lab, mark), SOON).toEqual([]);
    await expect.poll(() => readdir(lab.path("run/ballast/containers/exec")), SOON).toEqual([]);
    await vi.waitUntil(async () => (await exec("web", "print", "x")).exitCode === 0, SOON);
  });

  it("is for admins over TLS, for as long as the settings are those of the connection", async () => {
    const trust = await Trust.create();
    const { machine: remote, port } = await trust.start();
    await using _ = remote;
    await shareManager(lab, remote);
    const placeOf = async (role: "admin" | "operator") => {
      const folder = await mkdtemp(join(tmpdir(), "ballast-exec-"));
      const { identity } = trust.as(role);
      await writeFile(join(folder, "ca.pem"), trust.authority.pem);
      await writeFile(join(folder, "client.pem"), identity?.cert ?? "");
      await writeFile(join(folder, "client.key"), identity?.key ?? "");
      return ["--remote", `localhost:${port}`, "--credentials", folder];
    };
    const admin = await placeOf("admin");
    const words = (act: string) => ["exec", "web", "--", "/probe", act];
    const bytes = randomBytes(5_000_000);
    const done = await clientWithBytes(admin, words("cat"), bytes);
    expect([done.exitCode, done.stdout.equals(bytes)]).toEqual([0, true]);
    expect(manager.log()).toMatch(/who=".*serial=\w+" role=admin container=workload\/web/);
    const refused = await clientWithBytes(await placeOf("operator"), words("cat"));
    expect([refused.exitCode, refused.stderr]).toEqual([
      125,
      expect.stringContaining("GET /exec needs role admin, the client has role operator"),
    ]);
    const holding = clientWithBytes(admin, words("hold"));
    const count = () => manager.log().split("role=admin container=workload/web\n").length;
    const before = count();
    await expect.poll(count, SOON).toBeGreaterThan(before);
    await remote.set({ api: { remote: { enabled: false } } });
    expect((await holding).stderr).toContain("the connection was cut");
  });
});
