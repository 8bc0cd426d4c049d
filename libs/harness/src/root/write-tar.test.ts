import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it, onTestFinished } from "vitest";
import { RootTree } from "./entry.ts";
import { writeTar } from "./write-tar.ts";

it("writes files that share their data as one file with two names, others with the same bytes apart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ballast-tar-"));
  onTestFinished(async () => rm(folder, { recursive: true }));
  const shared = Buffer.from("shared");
  const tree = new RootTree();
  tree.addFile("a/one", shared, "test", 0o755);
  tree.addFile("b/two", shared, "test", 0o755);
  tree.addFile("c/three", "shared", "test", 0o755);
  const file = join(folder, "tree.tar");
  await writeTar(tree.sorted(), file, 0);
  const { stdout } = await execa("tar", ["-tvf", file, "--utc"]);
  expect(stdout.split("\n").map((line) => line.replace(/\s+/g, " "))).toEqual([
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 a/",
    "-rwxr-xr-x 0/0 6 1970-01-01 00:00 a/one",
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 b/",
    "hrwxr-xr-x 0/0 0 1970-01-01 00:00 b/two link to a/one",
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 c/",
    "-rwxr-xr-x 0/0 6 1970-01-01 00:00 c/three",
  ]);
});
