import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { inside, type Context } from "../core/context.ts";
import { sha256Text } from "../core/digest.ts";
import { formatBytes } from "../core/progress.ts";
import { repositoryPath } from "../core/paths.ts";
import { fetchPackages } from "../packages/fetch.ts";
import { addAccounts } from "../root/add-accounts.ts";
import { addArchives } from "../root/add-archives.ts";
import { addCertificates } from "../root/add-certificates.ts";
import { addClient } from "../root/add-client.ts";
import { addFiles } from "../root/add-files.ts";
import { addPackages } from "../root/add-packages.ts";
import { addRootOfTrust, rootOfTrustFile } from "../root/add-root-of-trust.ts";
import { checkRoot } from "../root/check-root.ts";
import { enableUnits } from "../root/enable-units.ts";
import { RootTree, type Entry } from "../root/entry.ts";
import { OS_RELEASE, osRelease, releaseOf } from "../root/os-release.ts";
import { writeTar } from "../root/write-tar.ts";
import { checkMigrations } from "../settings/check-migrations.ts";
import type { ImageDefinition } from "../image-definition.ts";

const UNITS = "usr/lib/systemd/system";
/** Where host-containers takes it from. */
const PAUSE = "usr/lib/ballast/pause.oci.tar";
/** A fixed identity: the same root gives the same bytes. */
const FILE_SYSTEM_UUID = "ba11a570-0000-4000-8000-000000000001";

/** Composes the root from the allow-list, checks the promises about it, and packs it into a read-only file system. */
export async function buildRoot(context: Context, image: ImageDefinition): Promise<void> {
  for (const warning of checkMigrations(context.version)) process.stderr.write(`${warning}\n`);
  await fetchPackages(context.lock.suite, context.lock.root);
  const tree = new RootTree();
  await addPackages(tree, image.packages, context.lock.root);
  await addFiles(tree, join(context.workspace, "rootfs"), "", "rootfs");
  addCertificates(tree);
  addAccounts(tree, image.users, image.groups);
  for (const [path, mode] of Object.entries(image.directories))
    tree.add({ path, kind: "directory", mode, uid: 0, gid: 0, origin: "image" });
  for (const [path, target] of Object.entries(image.links)) tree.addLink(path, target, "image");
  await addPrograms(tree, context, image.apps);
  tree.addFile(PAUSE, await readFile(join(context.dist, "pause.oci.tar")), "pause");
  await addArchives(tree, join(context.workspace, "archives"));
  await addRootOfTrust(tree, rootOfTrustFile(process.env));
  addClient(tree, await readFile(join(context.dist, "apiclient")));
  enableUnits(tree, [...image.enabledUnits, ...(await ownUnits(image.apps))]);
  const buildId = contentId(tree.sorted());
  tree.addFile(OS_RELEASE, osRelease(releaseOf(context, image.variant, buildId)), "image");
  const entries = tree.sorted();
  const problems = checkRoot(entries, image.programs);
  if (problems.length > 0)
    throw new BuildError("build.bad-root", `Cannot make the root:\n${problems.join("\n")}`);
  await pack(context, entries);
  await writeFile(
    join(context.dist, "root.json"),
    `${JSON.stringify(describe(entries, buildId), undefined, 1)}\n`,
  );
}

async function addPrograms(
  tree: RootTree,
  context: Context,
  apps: readonly string[],
): Promise<void> {
  tree.addFile("usr/bin/ballast", await readFile(join(context.dist, "ballast")), "runtime", 0o755);
  for (const app of apps) {
    tree.addLink(`usr/bin/${basename(app)}`, "ballast", `app:${basename(app)}`);
    await addFiles(tree, repositoryPath(app, "systemd"), UNITS, `app:${basename(app)}`).catch(
      ignoreMissing,
    );
  }
}

/** Units of our programs that say themselves when to start. */
async function ownUnits(apps: readonly string[]): Promise<string[]> {
  const units = await Promise.all(
    apps.map(
      async (app) => (await readdir(repositoryPath(app, "systemd")).catch(ignoreMissing)) ?? [],
    ),
  );
  return units.flat().toSorted();
}

/** The build id is what the image consists of: two builds of the same content have the same. */
function contentId(entries: readonly Entry[]): string {
  const lines = entries.map(({ path, kind, mode, uid, gid, data, target }) =>
    [path, kind, mode, uid, gid, target ?? "", data === undefined ? "" : sha256Text(data)].join(
      "\0",
    ),
  );
  return sha256Text(lines.join("\n")).slice(0, 8);
}

async function pack(context: Context, entries: readonly Entry[]): Promise<void> {
  const tar = join(context.dist, ".root.tar");
  const image = join(context.dist, "root.img");
  try {
    await writeTar(entries, tar, context.lock.sourceDateEpoch);
    await rm(image, { force: true });
    const options = [
      "--tar=f",
      "-zlz4hc,12",
      "-C65536",
      `-T${context.lock.sourceDateEpoch}`,
      `-U${FILE_SYSTEM_UUID}`,
    ];
    await context.run(["mkfs.erofs", "--quiet", ...options, inside(image), inside(tar)], {
      writable: { "/out": context.dist },
    });
  } finally {
    await rm(tar, { force: true });
  }
  process.stderr.write(`root: ${entries.length} paths, ${formatBytes((await stat(image)).size)}\n`);
}

function describe(entries: readonly Entry[], buildId: string): unknown {
  return {
    buildId,
    paths: entries.map(({ path, kind, mode, origin, data }) => ({
      path,
      kind,
      mode: mode.toString(8),
      origin,
      ...(data === undefined ? {} : { sha256: sha256Text(data), sizeBytes: data.length }),
    })),
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
