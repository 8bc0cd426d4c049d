import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { buildStaticProgram } from "./static-program.ts";

/** Makes `dist/apiclient`: what starts the sealed executable in containers, whatever C library they have. */
export async function buildLauncher(context: Context): Promise<void> {
  const source = join(context.workspace, "launcher/apiclient.c");
  await buildStaticProgram(context, source, join(context.dist, "apiclient"));
}
