import { join } from "node:path";
import { execa } from "execa";
import { checkFiles } from "./suite-files.ts";

const CLIENT = join(import.meta.dirname, "../../../../libs/tuf/bin/tuf-client.sh");
const LIMIT_MS = 30 * 60_000;

/** Runs the suite of TUF against the client of the update agent. True if it ended with 0. */
export async function runTuf(
  path: string,
  only: readonly string[],
  print: (text: string) => Promise<void>,
): Promise<boolean> {
  await checkFiles(path, ["env/bin/pytest", "tuf_conformance"]);
  const chosen = only.length === 0 ? [] : ["-k", only.join(" or ")];
  const args = ["-q", "tuf_conformance", "--entrypoint", CLIENT, ...chosen];
  const { all, exitCode } = await execa(join(path, "env/bin/pytest"), args, {
    ...({ all: true, cwd: path, reject: false, timeout: LIMIT_MS } as const),
    env: { BALLAST_NODE: process.execPath },
  });
  await print(`${all}\n`);
  return exitCode === 0;
}
