import { mkdtemp, readFile, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { createContext, pipeline } from "@ballast/harness";
import { expect, it } from "vitest";

const IMAGE = join(import.meta.dirname, "../../../images/standalone");
const WELCOME = join(import.meta.dirname, "../../../images/welcome");
const STEPS = ["runtime", "pause", "launcher", "root", "verity", "uki", "sign", "disk", "image"];

it("builds the same root, UKI and disk a second time", { timeout: 900_000 }, async () => {
  const dist = await mkdtemp(join(IMAGE, ".second-build-"));
  try {
    // Nothing of when the first build ran may show in the second.
    const future = new Date(Date.now() + 3_600_000);
    await utimes(join(IMAGE, "../../kernel/dist/BOOTX64.EFI"), future, future);
    const context = await createContext(IMAGE, process.env, dist);
    for (const name of STEPS) await pipeline.find((step) => step.name === name)?.run(context);
    const read = (folder: string): Promise<string> =>
      readFile(join(folder, "manifest.json"), "utf8");
    expect(JSON.parse(await read(dist))).toEqual(JSON.parse(await read(join(IMAGE, "dist"))));
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
});

it("builds the same welcome image a second time", async () => {
  const dist = await mkdtemp(join(WELCOME, ".second-build-"));
  try {
    const context = await createContext(WELCOME, process.env, dist);
    await pipeline.find(({ name }) => name === "welcome")?.run(context);
    const read = (folder: string): Promise<Buffer> => readFile(join(folder, "welcome.oci.tar"));
    expect((await read(dist)).equals(await read(join(WELCOME, "dist")))).toBe(true);
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
});
