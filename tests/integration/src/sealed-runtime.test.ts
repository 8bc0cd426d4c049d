import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, multiCallScript, sealExecutable } from "@ballast/harness";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const SEALED = join(import.meta.dirname, "../../../images/standalone/dist/ballast");

let folder: string;
let script: string;
let marker: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-sealed-"));
  marker = join(folder, "foreign-code-ran");
  script = join(folder, "foreign.cjs");
  await writeFile(script, `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`);
  for (const name of [
    "apiclient",
    "apiserver",
    "host-containers",
    "migrator",
    "signpost",
    "update-agent",
    "unknown",
  ])
    await symlink(SEALED, join(folder, name));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Starts the product's executable; foreign code leaves a marker that must never appear. */
async function start(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const result = await execa(join(folder, name), args, {
    env,
    reject: false,
    stdin: "ignore",
    timeout: 20_000,
  });
  // An executable that is missing runs nothing either, and must not pass for one that refuses.
  if (result.exitCode === undefined) throw new Error(`Cannot start "${name}"`, { cause: result });
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    ran: (await readdir(folder)).includes("foreign-code-ran"),
  };
}

describe("the sealed executable", () => {
  it("runs the program whose name it was called by", async () => {
    const { exitCode, stdout } = await start("signpost", ["--version"]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/\d+\.\d+\.\d+/),
    });
  });

  it("names its programs and exits with 64 when called by another name", async () => {
    const { exitCode, stderr } = await start("unknown", []);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(
      "apiclient, apiserver, host-containers, migrator, signpost, update-agent",
    );
  });

  it.each([
    ["--require", { NODE_OPTIONS: "SCRIPT:--require=" }],
    ["--import", { NODE_OPTIONS: "SCRIPT:--import=" }],
    ["a REPL module", { NODE_REPL_EXTERNAL_MODULE: "SCRIPT:" }],
  ])("ignores the environment that would load a file by %s", async (_, env) => {
    const values = Object.entries(env).map(([key, value]) => [
      key,
      value.replace(/^SCRIPT:(.*)$/, `$1${script}`),
    ]);
    const { ran } = await start("signpost", ["--version"], Object.fromEntries(values));
    expect(ran).toBe(false);
  });

  it.each([
    [["-e", "1"]],
    [["-p", "1"]],
    [["--eval=1"]],
    [["SCRIPT"]],
    [["--require", "SCRIPT"]],
    [["--", "SCRIPT"]],
    [["-"]],
  ])("takes %j for arguments of the program and runs nothing", async (args) => {
    const given = args.map((arg) => (arg === "SCRIPT" ? script : arg));
    for (const name of ["unknown", "signpost"]) {
      const { exitCode, ran } = await start(name, given);
      expect({ name, exitCode, ran }).toEqual({ name, exitCode: 64, ran: false });
    }
  });

  it.each([["--inspect"], ["--inspect-brk=127.0.0.1:0"], ["--inspect-wait"]])(
    "opens no inspector for %s",
    async (flag) => {
      for (const result of [
        await start("signpost", [flag]),
        await start("signpost", ["--version"], { NODE_OPTIONS: flag }),
      ])
        expect(result.stderr).not.toContain("Debugger listening");
    },
  );

  it("opens no inspector on SIGUSR1", async () => {
    const socket = join(folder, "api.sock");
    const root = join(folder, "root");
    await mkdir(root);
    const server = execa(
      join(folder, "apiserver"),
      ["serve", "--root", root, "--socket", socket, "--database", join(root, "s.sqlite")],
      {
        reject: false,
        stdin: "ignore",
      },
    );
    onTestFinished(() => {
      server.kill("SIGKILL");
    });
    await expect
      .poll(async () => (await readdir(folder)).includes("api.sock"), { timeout: 15_000 })
      .toBe(true);
    server.kill("SIGUSR1");
    await new Promise((resolve) => setTimeout(resolve, 500));
    server.kill("SIGKILL");
    expect((await server).stderr).not.toContain("Debugger");
  });
});

describe("a program inside", () => {
  it("cannot make code from strings", async () => {
    const attempts = [
      "eval('1')",
      "new Function('return 1')()",
      "(async () => {}).constructor('return 1')()",
    ];
    const text = attempts
      .map(
        (code) => `try { ${code}; console.log("ran"); } catch (error) { console.log(error.name); }`,
      )
      .join("\n");
    const probe = join(folder, "probe");
    const context = await createContext(folder, process.env);
    await sealExecutable(context, multiCallScript([{ name: "probe", text }]), probe);
    const { stdout } = await execa(probe, [], { stdin: "ignore" });
    expect(stdout.split("\n")).toEqual(["EvalError", "EvalError", "EvalError"]);
  });
});
