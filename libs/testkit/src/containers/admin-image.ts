import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "@ballast/vm";
import { execa } from "execa";
import * as z from "zod";

/** As `turbo run container` made it last. */
export const ADMIN_ARCHIVE = join(REPOSITORY, "images/admin/dist/admin.oci.tar");

const RUN_LIMIT_MS = 60_000;

const Descriptor = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const Index = z.object({ manifests: z.tuple([Descriptor]) });
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor).min(1) });
const Config = z.object({ config: z.object({ Entrypoint: z.array(z.string()) }) });

/** Anybody but root unpacks and runs it in a user namespace, where the owners of files are subordinate ids. */
export const AS_ROOT: readonly string[] =
  process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user", "--map-auto"];

async function asRoot(command: readonly string[]): Promise<void> {
  const [file = "", ...args] = [...AS_ROOT, ...command];
  await execa(file, args);
}

export interface AdminImage extends AsyncDisposable {
  readonly folder: string;
  readonly root: string;
  readonly entrypoint: readonly string[];
}

/** Unpacks the admin container's image as a runtime does: the layers that the manifest names, one over the other. */
export async function unpackAdminImage(): Promise<AdminImage> {
  const folder = await mkdtemp(join(tmpdir(), "ballast-admin-"));
  const layout = join(folder, "layout");
  const root = join(folder, "root");
  await mkdir(layout);
  await execa("tar", ["-xf", ADMIN_ARCHIVE, "-C", layout]);
  const blob = ({ digest }: { digest: string }): string =>
    join(layout, "blobs", digest.replace(":", "/"));
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
  const index = Index.parse(await read(join(layout, "index.json")));
  const manifest = Manifest.parse(await read(blob(index.manifests[0])));
  const { config } = Config.parse(await read(blob(manifest.config)));
  await mkdir(root);
  for (const layer of manifest.layers)
    await asRoot(["tar", "-xzpf", blob(layer), "-C", root, "--numeric-owner"]);
  return {
    folder,
    root,
    entrypoint: config.Entrypoint,
    [Symbol.asyncDispose]: async () => asRoot(["rm", "-rf", folder]),
  };
}

export interface ProgramEnded {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the image in a folder of the machine that tests, in that machine's network: it need not have `ssh`
 * itself. A program that a signal ends has the exit code -1.
 */
export async function runOfImage(
  image: AdminImage,
  folder: string,
  command: readonly string[],
): Promise<ProgramEnded> {
  const seen = ["--ro-bind", image.root, "/", "--dev", "/dev", "--bind", folder, "/mnt"];
  // ssh asks for the name of whoever runs it.
  const user = ["--unshare-user", "--uid", "0", "--gid", "0"];
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa("bwrap", [...seen, ...user, "--chdir", "/mnt", "--", ...command], {
    reject: false,
    stdin: "ignore",
    timeout: RUN_LIMIT_MS,
  });
  return { exitCode, stdout, stderr };
}

/** A new key pair in the folder: the file NAME, for `ssh -i`, and the line of NAME.pub. */
export async function makeSshKey(
  image: AdminImage,
  folder: string,
  name: string,
): Promise<{ readonly secret: string; readonly line: string }> {
  await runOfImage(image, folder, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]);
  return {
    secret: await readFile(join(folder, name), "utf8"),
    line: (await readFile(join(folder, `${name}.pub`), "utf8")).trim(),
  };
}
