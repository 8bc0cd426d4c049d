import type { Context } from "../core/context.ts";
import { buildProgramImage } from "../oci/program-image.ts";

/** Makes `dist/welcome.oci.tar`: the image of the container that answers after `npm start`. */
export async function buildWelcome(context: Context): Promise<void> {
  await buildProgramImage(context, {
    name: "welcome",
    source: "welcome.c",
    reference: "welcome.ballast.local/welcome:1",
    user: "65532:65532",
  });
}
