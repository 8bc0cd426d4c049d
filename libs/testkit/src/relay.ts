import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createContext } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";

/** Where a guest with {@link makeRelay} in its root has containerd's socket. */
export const RELAY_PORT = 7777;
const SOURCE = join(import.meta.dirname, "../relay");

/** Fills a folder with what, added to a root, makes containerd's socket a TCP port of the guest. */
export async function makeRelay(directory: string): Promise<void> {
  await cp(join(SOURCE, "usr"), join(directory, "usr"), { recursive: true });
  const workspace = join(REPOSITORY, "images/standalone");
  const context = await createContext(workspace, process.env, directory);
  await context.run(["gcc", "-O1", "-static", "-o", "/out/relay", "/mnt/relay.c"], {
    readOnly: { "/mnt": SOURCE },
    writable: { "/out": join(directory, "usr/lib/ballast-test") },
  });
}
