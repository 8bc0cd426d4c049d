import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { runTool } from "@ballast/harness";
import { cloneTree } from "../clone-tree.ts";
import type { BenchContext, Group } from "../group.ts";
import type { Figure, GroupResult, MissingFigure } from "../report.ts";

const EDITED_FILE = "apps/signpost/src/main.ts";
const FIRST = "new clone, packages and kernel in the store";

/** The time until the image is built, by what changed. */
export const build: Group = {
  name: "build",
  does: "seconds of turbo run image in a copy of the tree",
  run: measureBuilds,
};

async function measureBuilds(context: BenchContext): Promise<GroupResult> {
  const { scratch, say, signal } = context;
  const tree = join(scratch, "tree");
  say("copying the tree");
  await cloneTree(tree);
  const measure = async (name: string, env: Readonly<Record<string, string>> = {}) => {
    signal.throwIfAborted();
    const seconds = await buildSeconds(tree, env, (line) => {
      say(`${name}: ${line}`);
    });
    say(`${name}: ${seconds.toFixed(1)} s`);
    return { name, unit: "s" as const, values: [seconds] };
  };
  const first: Figure = await measure(FIRST);
  const unchanged = await measure("unchanged");
  // Not a comment: minifying would remove it, and everything after the bundle would be found in the cache.
  await appendFile(join(tree, EDITED_FILE), '\nprocess.title = "edited";\n');
  const edited = await measure(`one line of ${EDITED_FILE}`);
  const cold = await measureCold(context, measure);
  const figures = [
    first,
    ...[unchanged, edited].map((figure) => ({ ...figure, baseline: FIRST })),
    cold,
  ];
  return {
    figures,
    notes: [
      "The copy has a turbo cache of its own, empty at first; BALLAST_CACHE_DIR is shared, so the sdk and the kernel are not made anew.",
    ],
  };
}

async function measureCold(
  { isCold, scratch }: BenchContext,
  measure: (name: string, env: Readonly<Record<string, string>>) => Promise<Figure>,
): Promise<Figure | MissingFigure> {
  const name = "without any cache";
  if (!isCold)
    return { name, notMeasured: "it compiles the kernel and fetches all packages; give --cold" };
  const cache = join(scratch, "cold-cache");
  await mkdir(cache);
  const env = { BALLAST_CACHE_DIR: cache, TURBO_CACHE_DIR: join(scratch, "cold-turbo") };
  return { ...(await measure(name, env)), baseline: FIRST };
}

/** How often a build that goes on says so. */
const SAY_EVERY_MS = 15_000;

async function buildSeconds(
  tree: string,
  env: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<number> {
  let saidMs = performance.now();
  const startedMs = saidMs;
  const bin = join(tree, "node_modules/.bin");
  await runTool(
    join(bin, "turbo"),
    ["run", "image", "--filter=@ballast/image-standalone", "--no-update-notifier"],
    {
      cwd: tree,
      env: {
        PATH: `${bin}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
        TURBO_CACHE_DIR: join(tree, ".turbo/cache"),
        TURBO_TELEMETRY_DISABLED: "1",
        ...env,
      },
      onLine: (line) => {
        if (performance.now() - saidMs < SAY_EVERY_MS) return;
        saidMs = performance.now();
        say(line.slice(0, 120));
      },
    },
  );
  return (performance.now() - startedMs) / 1000;
}
