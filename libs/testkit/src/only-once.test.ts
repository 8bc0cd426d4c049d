import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeScratchDir } from "@ballast/vm";
import { expect, it } from "vitest";
import { onlyOnce } from "./only-once.ts";

it("onlyOnce() fills the directory one time, and everybody finds it full", async () => {
  using scratch = makeScratchDir();
  const directory = join(scratch.path, "shared");
  let fills = 0;
  const use = async (): Promise<boolean> => {
    await onlyOnce(directory, async (place) => {
      fills += 1;
      await mkdir(place);
      await sleep(50);
      await writeFile(join(place, "content"), "");
    });
    return existsSync(join(directory, "content"));
  };
  expect(await Promise.all([use(), use(), use()])).toEqual([true, true, true]);
  expect(fills).toBe(1);
});

it("onlyOnce() begins anew after a failure, and the failure is that of who tried", async () => {
  using scratch = makeScratchDir();
  const directory = join(scratch.path, "shared");
  const fail = onlyOnce(directory, async (place) => {
    await mkdir(place);
    await writeFile(join(place, "half"), "");
    throw new Error("no");
  });
  await expect(fail).rejects.toThrow("no");
  await onlyOnce(directory, async (place) => {
    await mkdir(place);
  });
  expect(existsSync(join(directory, "half"))).toBe(false);
});
