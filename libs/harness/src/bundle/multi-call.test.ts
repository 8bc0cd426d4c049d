import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { multiCallScript } from "./multi-call.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-multi-call-"));
  const report = (name: string): string =>
    `process.stdout.write(${JSON.stringify(name)} + JSON.stringify(process.argv.slice(2)))`;
  const bundles = ["b", "a"].map((name) => ({ name, text: report(name) }));
  await writeFile(join(folder, "main.cjs"), multiCallScript(bundles));
  await symlink(process.execPath, join(folder, "a"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("multiCallScript()", () => {
  it("starts the program named by argv[0]", async () => {
    const { stdout } = await execa(join(folder, "a"), [join(folder, "main.cjs"), "x"]);
    expect(stdout).toBe('a["x"]');
  });

  it("starts the program named by the first argument otherwise, and takes the name away", async () => {
    const { stdout } = await execa(process.execPath, [join(folder, "main.cjs"), "b", "x"]);
    expect(stdout).toBe('b["x"]');
  });

  it("starts nothing for a name that every object has", async () => {
    const result = await execa(process.execPath, [join(folder, "main.cjs"), "constructor"], {
      reject: false,
    });
    expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({
      exitCode: 64,
      stderr: "ballast: start it by the name of a program: a, b",
    });
  });

  it("is the same text in whatever order the bundles come", () => {
    const [first, second] = [
      { name: "a", text: "1" },
      { name: "b", text: "2" },
    ];
    expect(multiCallScript([first, second])).toBe(multiCallScript([second, first]));
  });
});
