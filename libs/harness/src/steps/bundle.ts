import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { BuildError } from "../core/build-error.ts";
import { formatBytes } from "../core/progress.ts";
import { bundleProblems } from "../bundle/check-bundle.ts";
import { lateBuiltins } from "../bundle/late-builtins.ts";

/** A program larger than this has taken in something that it should not; raise it in a commit that says what. */
const MAX_BUNDLE_BYTES = 1_500_000;

/** Bundles one program of `apps/` into one file that the sealed executable carries. */
export async function bundleApp(workspace: string): Promise<void> {
  const name = basename(workspace);
  const dist = join(workspace, "dist");
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const outfile = join(dist, `${name}.cjs`);
  const result = await build({
    entryPoints: [join(workspace, "src/main.ts")],
    outfile,
    bundle: true,
    // CommonJS: libraries that are CommonJS themselves call require(), which an ES module has not.
    format: "cjs",
    platform: "node",
    target: "node26",
    minify: true,
    keepNames: true,
    legalComments: "none",
    metafile: true,
    plugins: [lateBuiltins],
    absWorkingDir: workspace,
    logLevel: "silent",
  }).catch((cause: unknown) => {
    throw new BuildError("build.bad-bundle", `Cannot bundle "${name}"`, { cause });
  });
  const text = await readFile(outfile, "utf8");
  const problems = bundleProblems(text, result.metafile);
  const sizeBytes = (await stat(outfile)).size;
  if (sizeBytes > MAX_BUNDLE_BYTES)
    problems.push(`it has ${formatBytes(sizeBytes)}, more than ${formatBytes(MAX_BUNDLE_BYTES)}`);
  if (problems.length > 0) {
    await rm(outfile);
    throw new BuildError("build.bad-bundle", `Cannot bundle "${name}": ${problems.join("; ")}`);
  }
  await writeFile(join(dist, `${name}.meta.json`), JSON.stringify(result.metafile));
  process.stderr.write(`${name}: ${formatBytes(sizeBytes)}\n`);
}
