import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";

const APP = join(import.meta.dirname, "../../../apps/apiserver");
const BUILT = join(APP, "dist/apiserver.cjs");

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the apiserver's bundle. */
    readonly bundle: string;
  }
}

/** Under turbo the bundle was just built; by itself a run must not test an old one. */
export async function setup(project: TestProject): Promise<void> {
  const isBuilt = process.env["TURBO_HASH"] !== undefined && existsSync(BUILT);
  project.provide("bundle", isBuilt ? BUILT : await bundle());
}

async function bundle(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), "ballast-bundle-")), "apiserver.cjs");
  await build({
    entryPoints: [join(APP, "src/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
    minify: true,
    keepNames: true,
    logLevel: "error",
  });
  return outfile;
}
