import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { writeOciArchive } from "../oci/oci-archive.ts";
import { RootTree } from "../root/entry.ts";
import { writeTar } from "../root/write-tar.ts";
import { buildStaticProgram } from "./static-program.ts";

/** The name by which containerd's configuration asks for it, see `sandbox_image` in libs/model. */
const REFERENCE = "ballast.local/pause:1";

/** Makes `dist/pause.oci.tar`: the image of what holds the namespaces of a workload, so that none is ever pulled. */
export async function buildPause(context: Context): Promise<void> {
  const { workspace, dist, lock } = context;
  const work = await mkdtemp(join(dist, ".pause-"));
  try {
    await buildStaticProgram(context, join(workspace, "pause/pause.c"), join(work, "pause"));
    const tree = new RootTree();
    tree.addFile("pause", await readFile(join(work, "pause")), "pause", 0o755);
    const layer = join(work, "layer.tar");
    await writeTar(tree.sorted(), layer, lock.sourceDateEpoch);
    const image = {
      layer,
      reference: REFERENCE,
      sourceDateEpoch: lock.sourceDateEpoch,
      config: {
        Entrypoint: ["/pause"],
        Env: [],
        WorkingDir: "/",
        Labels: { "org.opencontainers.image.title": "Ballast pause" },
      },
    };
    await writeOciArchive(image, work, join(dist, "pause.oci.tar"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
