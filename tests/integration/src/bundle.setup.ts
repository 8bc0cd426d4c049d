import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

const APPS = join(import.meta.dirname, "../../../apps");

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the apiserver's bundle. */
    readonly bundle: string;
    /** Path of the apiclient's bundle. */
    readonly clientBundle: string;
    /** Path of the migrator's bundle. */
    readonly migratorBundle: string;
    readonly signpostBundle: string;
    readonly updateAgentBundle: string;
  }
}

/** The bundles that the build before has made are what goes into the image, so they are what is tested. */
export function setup(project: TestProject): void {
  project.provide("bundle", built("apiserver"));
  project.provide("clientBundle", built("apiclient"));
  project.provide("migratorBundle", built("migrator"));
  project.provide("signpostBundle", built("signpost"));
  project.provide("updateAgentBundle", built("update-agent"));
}

function built(app: string): string {
  const bundle = join(APPS, app, "dist", `${app}.cjs`);
  if (!existsSync(bundle))
    throw new Error(
      `Cannot test ${app}: "${bundle}" does not exist. Build it: npx turbo run build`,
    );
  return bundle;
}
