import { copyFile, cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool, writeOciArchive } from "@ballast/harness";

const SOURCES = ["probe.c", "attempts.c"].map((name) =>
  join(import.meta.dirname, "../../containers", name),
);

/** Any date; a fixed one, so that the image has the same digest in each run of the same compiler. */
const SOURCE_DATE_EPOCH = 1_700_000_000;

/** Compiles the program of the test images: static, so that it runs anywhere. Returns its path. */
export async function buildProbe(directory: string): Promise<string> {
  const probe = join(directory, "probe");
  const options = ["-Os", "-static", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];
  await runTool("gcc", [...options, "-o", probe, ...SOURCES]);
  return probe;
}

export interface ProbeImage {
  readonly reference: string;
  /** What its containers run: `["/probe", "serve", "80", "hello"]`. */
  readonly entrypoint: readonly string[];
  readonly env?: readonly string[];
  /** A folder whose content is in the image too. */
  readonly files?: string;
}

/**
 * Writes an OCI archive with nothing in it but the probe, `/etc/image` to tell that a folder is the image's, and the files
 * that are given.
 */
export async function makeProbeImage(
  probe: string,
  { reference, entrypoint, env = [], files }: ProbeImage,
  archive: string,
): Promise<void> {
  const work = `${archive}.work`;
  const tree = join(work, "tree");
  await mkdir(join(tree, "etc"), { recursive: true });
  await writeFile(join(tree, "etc/image"), "of the image");
  if (files !== undefined) await cp(files, tree, { recursive: true, verbatimSymlinks: true });
  await copyFile(probe, join(tree, "probe"));
  const layer = join(work, "layer.tar");
  await runTool("tar", [
    ...["-cf", layer, "-C", tree, "--owner=0", "--group=0", "--numeric-owner", "--mode=0755"],
    ...["--sort=name", `--mtime=@${SOURCE_DATE_EPOCH}`],
    ...(await readdir(tree)).toSorted(),
  ]);
  const config = { Entrypoint: entrypoint, Env: env, WorkingDir: "/", Labels: {} };
  const image = { layer, config, reference, sourceDateEpoch: SOURCE_DATE_EPOCH };
  await writeOciArchive(image, work, archive);
  await rm(work, { recursive: true });
}
