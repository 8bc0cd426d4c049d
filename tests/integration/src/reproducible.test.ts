import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createContext, pipeline } from "@ballast/harness";
import { expect, it } from "vitest";

const IMAGE = join(import.meta.dirname, "../../../images/standalone");
const STEPS = ["runtime", "root", "verity", "uki", "disk", "image"];

it("builds the same root, UKI and disk a second time", { timeout: 900_000 }, async () => {
  const dist = await mkdtemp(join(IMAGE, ".second-build-"));
  try {
    const context = await createContext(IMAGE, process.env, dist);
    for (const name of STEPS) await pipeline.find((step) => step.name === name)?.run(context);
    const read = (folder: string): Promise<string> =>
      readFile(join(folder, "manifest.json"), "utf8");
    expect(JSON.parse(await read(dist))).toEqual(JSON.parse(await read(join(IMAGE, "dist"))));
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
});
