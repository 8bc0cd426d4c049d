import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { createContext } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";
import { writeTableState, type TableState } from "./table-states.ts";

const SOURCES = ["gpt.c", "select.c"];

/**
 * Asks the selector's own code, compiled for this machine, in which order it would try the BOOT partitions of each
 * table. Gives the partition numbers; none if it believes neither copy.
 */
export async function selectorOrders(
  states: readonly TableState[],
  directory: string,
): Promise<readonly (readonly number[])[]> {
  const images = join(directory, "states");
  await mkdir(images, { recursive: true });
  for (const [index, state] of states.entries()) {
    const file = join(images, `${index}.raw`);
    await using handle = await open(file, "w");
    await handle.truncate(Number(state.sectorCount) * state.sectorSizeBytes);
    await writeTableState(state, file);
  }
  const context = await createContext(
    join(REPOSITORY, "images/standalone"),
    process.env,
    directory,
  );
  const readOnly = { "/src": join(REPOSITORY, "kernel/selector") };
  await context.run(
    [
      ...["gcc", "-O1", "-I/src", "-o", "/out/first-choice", "/mnt/first-choice.c"],
      ...SOURCES.map((name) => `/src/${name}`),
    ],
    {
      readOnly: { ...readOnly, "/mnt": join(import.meta.dirname, "../selector") },
      writable: { "/out": directory },
    },
  );
  const output = await context.run(
    ["/out/first-choice", ...states.map((_, index) => `/out/states/${index}.raw`)],
    { writable: { "/out": directory } },
  );
  const lines = output.split("\n").slice(0, states.length);
  return lines.map((line) => (line === "" ? [] : line.split(" ").map(Number)));
}
