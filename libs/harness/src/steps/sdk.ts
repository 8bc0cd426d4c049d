import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";

/** The build root is made by the context; the task's output is its name, on which every later task depends. */
export async function buildSdk(context: Context): Promise<void> {
  const packages = context.lock.sdk.map(({ name, version }) => `${name} ${version}`);
  const manifest = { key: context.sdkKey, packages };
  await writeFile(join(context.dist, "sdk.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
