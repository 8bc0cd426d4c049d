import { cp, mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createContext } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";

/** A port of a guest with {@link makeFill} in its root: a connection fills DATA and STATE to their last block. */
export const FILL_PORT = 7783;
const SOURCE = join(import.meta.dirname, "../fill");

/** Fills a folder with what, added to a root, fills the guest's file systems on demand. */
export async function makeFill(directory: string): Promise<void> {
  await cp(join(SOURCE, "usr"), join(directory, "usr"), { recursive: true });
  await mkdir(join(directory, "usr/lib/ballast-test"), { recursive: true });
  const workspace = join(REPOSITORY, "images/standalone");
  const context = await createContext(workspace, process.env, directory);
  await context.run(["gcc", "-O1", "-static", "-o", "/out/fill", "/mnt/fill.c"], {
    readOnly: { "/mnt": SOURCE },
    writable: { "/out": join(directory, "usr/lib/ballast-test") },
  });
}

/** Fills them now; `port` leads to {@link FILL_PORT}. Gives what is left, by folder. */
export async function fill(port: number): Promise<Record<string, number>> {
  const said = await text(connect(port, "127.0.0.1"));
  const lines = said.trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [, folder, bytes] = /^(\S+): (\d+) bytes left$/.exec(line) ?? [];
      if (folder === undefined) throw new Error(`The guest was not filled: ${said}`);
      return [folder, Number(bytes)];
    }),
  );
}
