import type { Context } from "../core/context.ts";
import { buildProgramImage } from "../oci/program-image.ts";

/** The name by which containerd's configuration asks for it, see `sandbox_image` in libs/model. */
const REFERENCE = "ballast.local/pause:1";

/** Makes `dist/pause.oci.tar`: the image of what holds the namespaces of a workload, so that none is ever pulled. */
export async function buildPause(context: Context): Promise<void> {
  await buildProgramImage(context, {
    name: "pause",
    source: "pause/pause.c",
    reference: REFERENCE,
  });
}
