import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProblems } from "./check-bundle.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-bundle-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function problemsOf(code: string): Promise<string[]> {
  const entry = join(folder, "main.ts");
  await writeFile(entry, code);
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    format: "cjs",
    platform: "node",
    minify: true,
    metafile: true,
    write: false,
    absWorkingDir: folder,
    outfile: "out.cjs",
  });
  return bundleProblems(result.outputFiles[0]?.text ?? "", result.metafile);
}

describe("bundleProblems()", () => {
  it.each([
    [
      'import { createRequire } from "node:module"; createRequire("/x")("./y")',
      'it imports "node:module"',
    ],
    [
      'import { Worker } from "node:worker_threads"; new Worker("/x")',
      'it imports "node:worker_threads"',
    ],
    ['import { runInThisContext } from "node:vm"; runInThisContext("1")', 'it imports "node:vm"'],
    ['import { open } from "node:inspector"; open()', 'it imports "node:inspector"'],
    [
      'process.getBuiltinModule("node:module").createRequire("/x")',
      "it uses process.getBuiltinModule",
    ],
    [
      "const name = process.argv[2]!; process.getBuiltinModule(name as never)",
      "it uses process.getBuiltinModule",
    ],
    ['process.dlopen({ exports: {} }, "/x.node")', "it uses process.dlopen"],
    ['(process as any).binding("spawn_sync")', "it uses process.binding"],
    ['require.main!.require("/x.cjs")', "it uses require.main"],
    ['(module as any).constructor._load("/x.cjs")', "it uses Module._load"],
    [
      'import { DatabaseSync } from "node:sqlite"; new DatabaseSync(":memory:", { allowExtension: true })',
      "it uses an SQLite extension",
    ],
  ])("refuses %s", async (code, problem) => {
    expect(await problemsOf(code)).toContain(problem);
  });

  it("takes a program that only uses what it may", async () => {
    const code =
      'import { readFileSync } from "node:fs"; readFileSync("/x"); process.getBuiltinModule("node:sqlite")';
    expect(await problemsOf(code)).toEqual([]);
  });
});
