import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { checkKernelConfig } from "@ballast/kernel";
import { BuildError } from "../core/build-error.ts";
import type { Context } from "../core/context.ts";
import { cacheDirectory } from "../core/paths.ts";
import { startProgress } from "../core/progress.ts";
import { runTool } from "../core/run-tool.ts";
import { fromStore, storeKey } from "../core/store.ts";
import { fetchPackages, packageFile } from "../packages/fetch.ts";

/** Changes whenever the commands below change what they make. */
const RECIPE = 2;
/** How many object files this configuration compiles, about: for the progress line only. */
const EXPECTED_OBJECTS = 2350;

/** Builds the kernel from Debian's source and the fragments, and checks that the result is what they ask for. */
export async function buildKernel(context: Context): Promise<void> {
  const fragments = await readFragments(join(context.workspace, "config"));
  const source = context.lock.kernel.map(({ sha256 }) => sha256);
  const { sourceDateEpoch } = context.lock;
  const inputs = { recipe: RECIPE, sdk: context.sdkKey, source, fragments, sourceDateEpoch };
  const key = storeKey("kernel", inputs);
  const outputs = [
    join(context.dist, "bzImage"),
    join(context.dist, "kernel.config"),
    join(context.dist, "System.map"),
  ];
  const how = await fromStore(key, outputs, (work) => compile(context, work, fragments));
  // Again for a kernel from the store: the rules may have become stricter since it was compiled.
  checkConfig(fragments, await readFile(join(context.dist, "kernel.config"), "utf8"));
  process.stderr.write(`kernel: ${how === "stored" ? "taken from the store" : "compiled"}\n`);
}

export interface Fragment {
  readonly name: string;
  readonly text: string;
}

async function readFragments(directory: string): Promise<Fragment[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".config")).toSorted();
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), "utf8") })),
  );
}

async function compile(
  context: Context,
  work: string,
  fragments: readonly Fragment[],
): Promise<void> {
  await fetchPackages(context.lock.suite, context.lock.kernel);
  const tree = join(work, "tree");
  await unpackSource(context, tree);
  const compilerCache = join(cacheDirectory(), "ccache");
  await mkdir(compilerCache, { recursive: true });
  // A fixed date, user and host, and a fixed path inside the sandbox: nothing of this machine gets into the kernel.
  const env = {
    KBUILD_BUILD_TIMESTAMP: `@${context.lock.sourceDateEpoch}`,
    KBUILD_BUILD_USER: "ballast",
    KBUILD_BUILD_HOST: "ballast",
    KBUILD_BUILD_VERSION: "1",
    CCACHE_DIR: "/cache",
    CCACHE_COMPILERCHECK: "content",
    CCACHE_MAXSIZE: "2G",
  };
  const make = (targets: readonly string[], onLine?: (line: string) => void): Promise<string> =>
    context.run(
      ["make", `-j${availableParallelism()}`, "CC=ccache gcc", "HOSTCC=ccache gcc", ...targets],
      {
        writable: { "/mnt": tree, "/cache": compilerCache },
        cwd: "/mnt",
        env,
        ...(onLine === undefined ? {} : { onLine }),
      },
    );
  // What no fragment names is off: allnoconfig takes its answers from this file, as tinyconfig does from its own.
  await writeFile(join(tree, "ballast.config"), fragments.map(({ text }) => text).join("\n"));
  await make(["KCONFIG_ALLCONFIG=ballast.config", "allnoconfig"]);
  checkConfig(fragments, await readFile(join(tree, ".config"), "utf8"));
  const progress = startProgress("kernel");
  let objects = 0;
  await make(["bzImage"], (line) => {
    if (/^\s+(?:CC|AS|AR|LD|HOSTCC)\s/.test(line))
      progress.update(`${++objects} of about ${EXPECTED_OBJECTS} objects`);
  });
  progress.done(`${objects} objects`);
  await cp(join(tree, "arch/x86/boot/bzImage"), join(work, "bzImage"));
  await cp(join(tree, ".config"), join(work, "kernel.config"));
  await cp(join(tree, "System.map"), join(work, "System.map"));
  await rm(tree, { recursive: true, force: true });
}

function checkConfig(fragments: readonly Fragment[], config: string): void {
  const problems = checkKernelConfig(fragments, config);
  if (problems.length === 0) return;
  const message = "Cannot build the kernel, its configuration is not as asked";
  throw new BuildError("build.bad-config", `${message}:\n${problems.join("\n")}`);
}

async function unpackSource(context: Context, tree: string): Promise<void> {
  const [source] = context.lock.kernel;
  if (source === undefined)
    throw new BuildError("build.bad-lock", "Cannot build the kernel: the lock has no source");
  const unpacked = `${tree}.deb`;
  await mkdir(tree, { recursive: true });
  await runTool("dpkg-deb", ["--extract", packageFile(source), unpacked]);
  const archive = `/src/usr/src/${source.name}.tar.xz`;
  await context.run(
    ["tar", "-xf", archive, "--strip-components=1", "--no-same-owner", "-C", "/mnt"],
    {
      readOnly: { "/src": unpacked },
      writable: { "/mnt": tree },
    },
  );
  await rm(unpacked, { recursive: true, force: true });
}
