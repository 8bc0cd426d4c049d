import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool, writeOciArchive } from "@ballast/harness";

const SOURCE = join(import.meta.dirname, "../../containers/probe.c");

/** Any date; a fixed one, so that the image has the same digest in each run of the same compiler. */
const SOURCE_DATE_EPOCH = 1_700_000_000;

/** Compiles the program of the test images: static, so that it runs anywhere. Returns its path. */
export async function buildProbe(directory: string): Promise<string> {
  const probe = join(directory, "probe");
  await runTool("gcc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", probe, SOURCE]);
  return probe;
}

export interface ProbeImage {
  readonly reference: string;
  /** What its containers run: `["/probe", "serve", "80", "hello"]`. */
  readonly entrypoint: readonly string[];
  readonly env?: readonly string[];
}

/** Writes an OCI archive with nothing in it but the probe, and `/etc/image` to tell that a folder is the image's. */
export async function makeProbeImage(
  probe: string,
  { reference, entrypoint, env = [] }: ProbeImage,
  archive: string,
): Promise<void> {
  const work = `${archive}.work`;
  const tree = join(work, "tree");
  await mkdir(join(tree, "etc"), { recursive: true });
  await writeFile(join(tree, "etc/image"), "of the image");
  await copyFile(probe, join(tree, "probe"));
  const layer = join(work, "layer.tar");
  await runTool("tar", [
    ...["-cf", layer, "-C", tree, "--owner=0", "--group=0", "--numeric-owner", "--mode=0755"],
    ...[`--mtime=@${SOURCE_DATE_EPOCH}`, "probe", "etc"],
  ]);
  const config = { Entrypoint: entrypoint, Env: env, WorkingDir: "/", Labels: {} };
  const image = { layer, config, reference, sourceDateEpoch: SOURCE_DATE_EPOCH };
  await writeOciArchive(image, work, archive);
  await rm(work, { recursive: true });
}
