import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runTool } from "../core/run-tool.ts";
import { addArchives } from "./add-archives.ts";
import { RootTree } from "./entry.ts";

let work: string;
let folder: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "ballast-archives-"));
  folder = join(work, "archives");
  await mkdir(folder);
});
afterEach(() => rm(work, { recursive: true }));

const OCI = "org.opencontainers.image.ref.name";
const NAME = "registry.example.org:5000/team/web:1";

async function archive(file: string, index: unknown, member = "index.json"): Promise<void> {
  await writeFile(join(work, "index.json"), JSON.stringify(index));
  await runTool("tar", ["-cf", join(folder, file), "-C", work, member]);
}

const named = (...names: readonly Record<string, string>[]) => ({
  manifests: names.map((annotations) => ({ digest: "sha256:0", annotations })),
});

async function carried(): Promise<string[]> {
  const tree = new RootTree();
  await addArchives(tree, folder);
  return tree
    .sorted()
    .filter(({ kind }) => kind === "file")
    .map(({ path }) => path);
}

it("puts archives of every maker where host-containers looks for them", async () => {
  await archive("web.oci.tar", named({ [OCI]: NAME }));
  await archive(
    "own.tar",
    named({ "io.containerd.image.name": "docker.io/library/own:1", [OCI]: "1" }),
    "./index.json",
  );
  expect(await carried()).toEqual([
    "usr/lib/ballast/images/own.tar",
    "usr/lib/ballast/images/web.oci.tar",
  ]);
});

it("needs no folder", async () => {
  await rm(folder, { recursive: true });
  expect(await carried()).toEqual([]);
});

it.each([
  ["a tag alone", named({ [OCI]: "1" }), '"1" is no reference with registry and tag'],
  ["a name without a tag", named({ [OCI]: "a.io/web" }), "is no reference with registry and tag"],
  ["no name", named({}), "its images have no names"],
  ["no image", { manifests: [] }, "is not one of an OCI image layout"],
])("refuses %s", async (_what, index, reason) => {
  await archive("web.tar", index);
  await expect(carried()).rejects.toMatchObject({
    code: "build.bad-archive",
    message: expect.stringContaining(reason),
  });
});

it("refuses what is no layout, two of one name, and other files", async () => {
  await archive("a.tar", named({ [OCI]: NAME }));
  await archive("b.tar", named({ [OCI]: NAME }));
  await expect(carried()).rejects.toThrow(`"a.tar" has "${NAME}" too`);
  await writeFile(join(folder, "b.tar"), "x".repeat(2000));
  await expect(carried()).rejects.toThrow("it is no archive of an OCI image layout");
  await rm(join(folder, "b.tar"));
  await writeFile(join(folder, "README"), "");
  await expect(carried()).rejects.toThrow("its name must end with .tar");
});
