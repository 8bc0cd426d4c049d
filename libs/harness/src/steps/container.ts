import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { BuildError } from "../core/build-error.ts";
import { imageVersion } from "../core/context.ts";
import { sha256Text } from "../core/digest.ts";
import { formatBytes, startProgress } from "../core/progress.ts";
import { fromStore, storeKey } from "../core/store.ts";
import { writeOciArchive } from "../oci/oci-archive.ts";
import { fetchPackages } from "../packages/fetch.ts";
import { installPackages } from "../packages/install.ts";
import { readLock, type Lock, type LockedPackage } from "../packages/lock.ts";
import { quote } from "../packages/mmdebstrap.ts";
import { addFiles } from "../root/add-files.ts";
import { RootTree, type Entry } from "../root/entry.ts";
import { writeTar } from "../root/write-tar.ts";

/** Changes whenever the way in which the image is made changes, so that old ones are not taken for new ones. */
const RECIPE = 1;

/** A container image of our own, as plain data: `images/<name>/container.ts` exports one as `container`. */
const ContainerDefinition = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** Which list of `images/packages.lock.json` it is installed from. */
  packages: z.literal("admin"),
  entrypoint: z.array(z.string()).min(1),
  /** Paths that packages leave behind and that must be made by each container, or are of no use in one; globs. */
  remove: z.array(z.string().regex(/^[a-z][A-Za-z0-9_.*/-]*$/)),
});
type ContainerDefinition = z.infer<typeof ContainerDefinition>;

/** Makes `dist/<name>.oci.tar`: locked packages, installed, and the files of `rootfs/`. */
export async function buildContainer(workspace: string, env: NodeJS.ProcessEnv): Promise<void> {
  const definition = await loadContainer(workspace);
  const lock = await readLock();
  const files = new RootTree();
  await addFiles(files, join(workspace, "rootfs"), "", "rootfs");
  const entries = files.sorted();
  const version = imageVersion(env);
  const packages = lock[definition.packages];
  const key = storeKey("container", {
    recipe: RECIPE,
    definition,
    version,
    sourceDateEpoch: lock.sourceDateEpoch,
    packages: packages.map(({ sha256 }) => sha256),
    files: entries.map(({ path, mode, data = "" }) => [path, mode, sha256Text(data)]),
  });
  const output = join(workspace, "dist", `${definition.name}.oci.tar`);
  const found = await fromStore(key, [output], async (directory) => {
    await makeArchive({ definition, lock, packages, entries, version, directory });
  });
  const { size } = await stat(output);
  process.stderr.write(`container: ${formatBytes(size)}${found === "stored" ? ", stored" : ""}\n`);
}

interface Making {
  readonly definition: ContainerDefinition;
  readonly lock: Lock;
  readonly packages: readonly LockedPackage[];
  readonly entries: readonly Entry[];
  readonly version: string;
  readonly directory: string;
}

async function makeArchive(making: Making): Promise<void> {
  const { definition, lock, packages, entries, version, directory } = making;
  const { suite, sourceDateEpoch } = lock;
  await fetchPackages(suite, packages);
  const progress = startProgress("container");
  const work = await mkdtemp(join(tmpdir(), "ballast-container-"));
  try {
    const overlay = join(work, "rootfs.tar");
    await writeTar(entries, overlay, sourceDateEpoch);
    const layer = join(work, "layer.tar");
    await installPackages({
      suite,
      packages,
      file: layer,
      work,
      hooks: [
        `tar-in ${quote(overlay)} /`,
        `cd "$1" && rm -rf ${definition.remove.join(" ")}`,
        `chroot "$1" /usr/sbin/usermod --password '*' root`,
      ],
      env: { SOURCE_DATE_EPOCH: String(sourceDateEpoch) },
      onStep: (count) => {
        progress.update(`${count} steps`);
      },
    });
    const image = {
      layer,
      reference: `ballast.local/${definition.name}:${version}`,
      sourceDateEpoch,
      config: {
        Entrypoint: definition.entrypoint,
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        WorkingDir: "/",
        Labels: {
          "org.opencontainers.image.title": `Ballast ${definition.name}`,
          "org.opencontainers.image.version": version,
        },
      },
    };
    await writeOciArchive(image, work, join(directory, `${definition.name}.oci.tar`));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  progress.done(`${packages.length} packages`);
}

async function loadContainer(workspace: string): Promise<ContainerDefinition> {
  const module: unknown = await import(join(workspace, "container.ts"));
  const result = z.object({ container: ContainerDefinition }).safeParse(module);
  if (result.success) return result.data.container;
  throw new BuildError(
    "build.bad-config",
    `Cannot use "container.ts" of "${workspace}": ${z.prettifyError(result.error)}`,
  );
}
