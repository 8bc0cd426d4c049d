import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { BuildError } from "../core/build-error.ts";
import { runTool } from "../core/run-tool.ts";
import type { RootTree } from "./entry.ts";

/** Where host-containers looks for them. */
const FOLDER = "usr/lib/ballast/images";
const CONTAINERD_NAME = "io.containerd.image.name";
const OCI_NAME = "org.opencontainers.image.ref.name";
/** With the registry in it: a tag alone names no image of the settings. */
const REFERENCE =
  /^[a-z0-9][a-z0-9.-]*[.:][a-z0-9.:-]*\/[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

const Index = z.looseObject({
  manifests: z
    .array(z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }))
    .min(1),
});

/** Adds the archives of container images that lie in a folder, which need not be there. Each is checked as far as its names. */
export async function addArchives(tree: RootTree, folder: string): Promise<void> {
  const owners = new Map<string, string>();
  for (const name of (await listArchives(folder)).toSorted()) {
    const file = join(folder, name);
    for (const reference of await referencesOf(file)) {
      const owner = owners.get(reference);
      if (owner !== undefined) throw bad(file, `"${owner}" has "${reference}" too`);
      owners.set(reference, name);
      process.stderr.write(`root: carries "${reference}"\n`);
    }
    tree.addFile(join(FOLDER, name), await readFile(file), "archives");
  }
}

async function listArchives(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  const others = names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*\.tar$/.test(name));
  const [other] = others;
  if (other !== undefined) throw bad(join(folder, other), "its name must end with .tar");
  return names;
}

async function referencesOf(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await runTool("tar", ["-xOf", file, "--wildcards", "--no-anchored", "index.json"]);
  } catch (cause) {
    throw bad(file, 'it has no "index.json": it is no archive of an OCI image layout', cause);
  }
  const index = Index.safeParse(parse(text));
  if (!index.success) throw bad(file, '"index.json" is not one of an OCI image layout');
  const names = index.data.manifests.flatMap(
    ({ annotations = {} }) => annotations[CONTAINERD_NAME] ?? annotations[OCI_NAME] ?? [],
  );
  if (names.length === 0) throw bad(file, "its images have no names");
  const wrong = names.find((reference) => !REFERENCE.test(reference));
  if (wrong === undefined) return names;
  throw bad(file, `"${wrong}" is no reference with registry and tag`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bad(file: string, reason: string, cause?: unknown): BuildError {
  return new BuildError("build.bad-archive", `Cannot carry "${file}": ${reason}`, {
    cause,
    hint: "skopeo copy docker://IMAGE oci-archive:FILE.oci.tar:IMAGE makes one.",
  });
}
