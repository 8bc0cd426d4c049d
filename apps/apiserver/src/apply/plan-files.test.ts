import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeFs } from "@ballast/system";
import { expect, it } from "vitest";
import { planFiles } from "./plan-files.ts";
import { putFiles } from "./put-files.ts";

it("files of a set may lie in folders, which go when nothing is in them", async () => {
  const root = await mkdtemp(join(tmpdir(), "ballast-apply-"));
  try {
    const fs = createNodeFs(root);
    const put = async (names: readonly string[]) => {
      const files = names.map((name) => ({ path: `set/${name}`, mode: 0o644, text: name }));
      const steps = await planFiles(fs, files, ["set"]);
      await putFiles(fs, steps);
      return steps.map(({ action, path }) => `${action} ${path}`);
    };
    expect(await put(["a/x", "b/x", "c"])).toEqual([
      "write set/a/x",
      "write set/b/x",
      "write set/c",
    ]);
    expect(await put(["a/x", "b/x", "c"])).toEqual([]);
    // An empty folder would still be found by what reads the set: containerd takes it for an answer.
    expect(await put(["a/x"])).toEqual(["remove set/b/x", "remove set/b", "remove set/c"]);
    expect(await fs.list("/run/ballast/etc/set")).toEqual(["a"]);
    expect(await put([])).toEqual(["remove set/a/x", "remove set/a"]);
    expect(await fs.list("/run/ballast/etc/set")).toEqual([]);
  } finally {
    await rm(root, { recursive: true });
  }
});
