import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { RootTree } from "../root/entry.ts";
import { writeTar } from "../root/write-tar.ts";
import { buildStaticProgram } from "../steps/static-program.ts";
import { writeOciArchive } from "./oci-archive.ts";

export interface ProgramImage {
  /** Names the program in the image, and the archive. */
  readonly name: string;
  /** Its one file of C, in the workspace. */
  readonly source: string;
  readonly reference: string;
  /** Whom it runs as, root unless told. */
  readonly user?: string;
}

/** Makes `dist/<name>.oci.tar`: an image of one static program and nothing else. */
export async function buildProgramImage(context: Context, wanted: ProgramImage): Promise<void> {
  const { workspace, dist, lock } = context;
  const { name, source, reference, user } = wanted;
  const work = await mkdtemp(join(dist, `.${name}-`));
  try {
    await buildStaticProgram(context, join(workspace, source), join(work, name));
    const tree = new RootTree();
    tree.addFile(name, await readFile(join(work, name)), name, 0o755);
    const layer = join(work, "layer.tar");
    await writeTar(tree.sorted(), layer, lock.sourceDateEpoch);
    const image = {
      layer,
      reference,
      sourceDateEpoch: lock.sourceDateEpoch,
      config: {
        Entrypoint: [`/${name}`],
        Env: [],
        WorkingDir: "/",
        ...(user === undefined ? {} : { User: user }),
        Labels: { "org.opencontainers.image.title": `Ballast ${name}` },
      },
    };
    await writeOciArchive(image, work, join(dist, `${name}.oci.tar`));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
