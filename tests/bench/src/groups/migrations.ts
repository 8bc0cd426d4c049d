import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createContext, sealExecutable } from "@ballast/harness";
import { build } from "esbuild";
import { execaSync } from "execa";
import * as z from "zod";
import { sealBaseline } from "../baseline-executable.ts";
import type { BenchContext, Group } from "../group.ts";
import { copyPrograms } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";

const COPIED = "10,000 values to JSON and back, 100 times";
const EMPTY = "empty executable";
const NOTHING_TO_DO = "migrator run, nothing to do";

/** What settings cost on their way to another version. */
export const migrations: Group = {
  name: "migrations",
  does: "100 migrations over 10,000 set values; a boot without any",
  run: measureMigrations,
};

async function measureMigrations(context: BenchContext): Promise<GroupResult> {
  const { scratch, repeats, say } = context;
  const chain = await sealChain(scratch);
  say("measuring the chain");
  const { stdout } = execaSync(chain, [String(repeats.rounds)]);
  const { copied, tenth, all } = ChainTimes.parse(JSON.parse(stdout));
  return {
    figures: [
      { name: COPIED, unit: "ms", values: copied },
      {
        name: "100 migrations, each owning 1000 of them",
        unit: "ms",
        values: tenth,
        baseline: COPIED,
      },
      { name: "100 migrations, each owning all", unit: "ms", values: all, baseline: COPIED },
      ...(await measureStarts(context)),
    ],
    notes: [
      "The chain runs under the flags of the product, without a JIT, and goes back after each migration to see what would be lost.",
    ],
  };
}

const Times = z.array(z.number());
const ChainTimes = z.strictObject({ copied: Times, tenth: Times, all: Times });

/** The measured script, sealed as the programs are: types cannot be stripped without WebAssembly, nor can it run without. */
async function sealChain(scratch: string): Promise<string> {
  const directory = join(scratch, "chain");
  await mkdir(directory, { recursive: true });
  const result = await build({
    entryPoints: [join(import.meta.dirname, "../migrations/run-chain.ts")],
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node26",
    write: false,
    logLevel: "silent",
  });
  const executable = join(directory, "chain");
  const script = result.outputFiles.map(({ text }) => text).join("");
  await sealExecutable(await createContext(directory, process.env), script, executable);
  return executable;
}

/** The start of each boot: the version has its database and ran last. */
async function measureStarts({ scratch, repeats, signal, say }: BenchContext): Promise<Figure[]> {
  const { paths } = await copyPrograms(join(scratch, "product"));
  const empty = await sealBaseline("empty", join(scratch, "baseline"));
  const root = join(scratch, "root");
  await mkdir(join(root, "usr/lib"), { recursive: true });
  await mkdir(join(root, "var/lib/ballast/settings"), { recursive: true });
  await writeFile(join(root, "usr/lib/os-release"), "VERSION_ID=1.0.0\n");
  await writeFile(join(root, "var/lib/ballast/settings/1.0.0.sqlite"), "");
  const [bases, ours]: [number[], number[]] = [[], []];
  const run = (file: string, args: readonly string[]): number => {
    const startedMs = performance.now();
    execaSync(file, args, { stdio: "ignore" });
    return performance.now() - startedMs;
  };
  run(empty, []);
  run(paths.migrator, ["run", "--root", root]);
  for (let round = 0; round < repeats.starts; round += 1) {
    signal.throwIfAborted();
    bases.push(run(empty, []));
    ours.push(run(paths.migrator, ["run", "--root", root]));
  }
  say(`${repeats.starts} starts measured`);
  return [
    { name: EMPTY, unit: "ms", values: bases },
    { name: NOTHING_TO_DO, unit: "ms", values: ours, baseline: EMPTY },
  ];
}
