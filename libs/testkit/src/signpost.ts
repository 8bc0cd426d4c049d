import { join } from "node:path";
import process from "node:process";
import { REPOSITORY, runTool } from "@ballast/vm";

const SIGNPOST = join(REPOSITORY, "apps/signpost/src/main.ts");

/** Runs the product's own tool on a disk image in which slot A counts as active; gives its standard output. */
export function runSignpost(rawImage: string, ...args: readonly string[]): Promise<string> {
  return runTool(process.execPath, [SIGNPOST, ...args, "--device", rawImage, "--slot", "A"]);
}
