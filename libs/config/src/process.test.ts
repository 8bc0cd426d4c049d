// The program is tested as a process, as people run it.
// oxlint-disable-next-line no-restricted-imports
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const PROGRAM = join(import.meta.dirname, "../bin/ballast-config.mjs");
const INDEX = join(import.meta.dirname, "index.ts");
const FLEET = join(import.meta.dirname, "../examples/fleet.ts");

// Each test starts several processes, which may have to share the machine with a build.
vi.setConfig({ testTimeout: 60_000 });

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function ballastConfig(args: readonly string[], input = ""): Promise<Ended> {
  const env = { PATH: process.env["PATH"], FLEET_MOTD: "Harbour" };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env, cwd: folder },
      (error, stdout, stderr) => {
        resolve({ status: error?.code ?? 0, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

async function programOf(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), `import * as config from ${JSON.stringify(INDEX)};\n${text}`);
  return name;
}

describe("ballast-config", () => {
  it("prints the only machine of a program, with types in it and secrets beside it", async () => {
    await writeFile(join(folder, "motd.txt"), "from a file\n");
    const file = await programOf(
      "one.ts",
      `const hostname: string = "pier";
      export const machine = config.defineMachine({
        settings: { motd: config.fromFile("motd.txt"), network: { hostname } },
      });`,
    );
    expect(await ballastConfig([file])).toEqual({
      status: 0,
      stdout: `[settings]\nmotd = "from a file"\n\n[settings.network]\nhostname = "pier"\n`,
      stderr: "",
    });
    const { stdout } = await ballastConfig([file, "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      settings: { motd: "from a file", network: { hostname: "pier" } },
    });
  });

  it("lists the machines of the example, and writes a file for each that only its owner reads", async () => {
    const names = ["harbour-1", "harbour-2", "harbour-3", "harbour-4"];
    expect((await ballastConfig([FLEET, "--list"])).stdout).toBe(`${names.join("\n")}\n`);
    const { status, stdout } = await ballastConfig([FLEET, "--out", "made"]);
    expect([status, stdout]).toEqual([0, names.map((name) => `made/${name}.toml\n`).join("")]);
    expect(await readdir(join(folder, "made"))).toEqual(names.map((name) => `${name}.toml`));
    const first = join(folder, "made/harbour-1.toml");
    expect((await stat(first)).mode & 0o777).toBe(0o600);
    expect(parse(await readFile(first, "utf8"))).toEqual({
      settings: {
        motd: "Harbour",
        boot: { "trial-limit": 900 },
        health: { database: { tcp: "127.0.0.1:5432" } },
        network: { hostname: "harbour-1" },
      },
    });
    expect((await ballastConfig(["--check", FLEET, "made/harbour-1.toml"])).status).toBe(0);
  });

  it("writes no file when one of them would be bad", async () => {
    const file = await programOf(
      "half.ts",
      `export const good = config.defineMachine({ settings: {} });
      export const bad = config.defineMachine({ settings: { network: { hostname: "BAD" } } });`,
    );
    const { status, stderr } = await ballastConfig([file, "--out", "half"]);
    expect(status).toBe(65);
    expect(stderr).toMatch(/of "bad":\n {2}settings\.network\.hostname must consist of/);
    expect(await readdir(folder)).not.toContain("half");
    const check = await ballastConfig([file, "--check"]);
    expect(check.status).toBe(65);
    expect(check.stdout).toMatch(/^half\.ts: bad: settings\.network\.hostname must consist/);
  });

  it("checks user data by line, as text and as JSON", async () => {
    const text = "[settings.boot]\n\ntrial-limit = 1\n";
    await writeFile(join(folder, "bad.toml"), text);
    expect(await ballastConfig(["--check", "bad.toml"])).toEqual({
      status: 65,
      stdout: "bad.toml:3: settings.boot.trial-limit must be at least 60 seconds\n",
      stderr: "",
    });
    const { status, stdout } = await ballastConfig(["--check", "--json", "-"], `${text}x`);
    expect(status).toBe(65);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, findings: [{ file: "-", line: 4 }] });
    expect(JSON.parse((await ballastConfig(["--check", "--json", "-"])).stdout)).toEqual({
      ok: true,
      findings: [],
    });
  });

  it.each([
    ["export const x = 1;", /no machine is exported/],
    [`throw new Error("own fault");`, /^ballast-config: Cannot run "bad.ts": own fault/],
    ["enum Unerasable { A }", /Cannot run "bad.ts": /],
    ["export const m = ;", /Cannot run "bad.ts": /],
    [
      `export const list = { "../up": config.defineMachine({ settings: {} }) };`,
      /Cannot name a file after machine "\.\.\/up"/,
    ],
  ])("says what is wrong with the program %j", async (text, reason) => {
    const file = await programOf("bad.ts", text);
    const mode = text.includes("../up") ? ["--out", "up"] : [];
    const { status, stderr } = await ballastConfig([file, ...mode]);
    expect(status).toBe(65);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain("this is a bug");
  });

  it("knows its version and help, and refuses wrong usage", async () => {
    expect((await ballastConfig(["--version"])).stdout).toMatch(/^ballast-config \d+\.\d+\.\d+\n$/);
    expect((await ballastConfig(["--help"])).stdout).toContain("Usage: ballast-config");
    expect((await ballastConfig([])).status).toBe(64);
    expect(await ballastConfig(["none.ts"])).toMatchObject({ status: 65 });
    expect(await ballastConfig(["--check", "none.toml"])).toMatchObject({ status: 65 });
  });
});
