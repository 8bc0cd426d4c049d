import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import * as z from "zod";

const ARCHIVE = join(import.meta.dirname, "../../../images/admin/dist/admin.oci.tar");
const WAIT_MS = 60_000;

const Descriptor = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const Index = z.object({ manifests: z.tuple([Descriptor]) });
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor).min(1) });
const Config = z.object({
  config: z.object({ Entrypoint: z.array(z.string()), Env: z.array(z.string()) }),
});

/** Anybody but root unpacks and runs it in a user namespace, where the owners of files are subordinate ids. */
const AS_ROOT =
  process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user", "--map-auto"];

async function asRoot(command: readonly string[]): Promise<void> {
  const [file = "", ...args] = [...AS_ROOT, ...command];
  await execa(file, args);
}

export interface AdminImage {
  readonly folder: string;
  readonly root: string;
  readonly entrypoint: readonly string[];
  remove(): Promise<void>;
}

/** Unpacks the image as a runtime does: the layers that the manifest names, one over the other. */
export async function unpackAdminImage(): Promise<AdminImage> {
  const folder = await mkdtemp(join(tmpdir(), "ballast-admin-"));
  const layout = join(folder, "layout");
  const root = join(folder, "root");
  await mkdir(layout);
  await execa("tar", ["-xf", ARCHIVE, "-C", layout]);
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
    remove: async () => asRoot(["rm", "-rf", folder]),
  };
}

/** Runs a program of the image on a folder of the host: the host need not have it. */
export async function runOfImage(
  image: AdminImage,
  folder: string,
  command: readonly string[],
): Promise<void> {
  const seen = ["--ro-bind", image.root, "/", "--dev", "/dev", "--bind", folder, "/mnt"];
  await execa("bwrap", [...seen, "--unshare-net", "--chdir", "/mnt", "--", ...command]);
}

export interface AdminContainer {
  /** All that it has printed. */
  output(): string;
  /** Resolves when it has printed something that matches. */
  printed(expression: RegExp): Promise<void>;
  /** Runs a command beside it: the same root, network, processes. */
  run(
    command: readonly string[],
    input?: string,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  stop(): Promise<void>;
}

/** Starts a container of the image with its entry point, in namespaces of its own; `storage` outlives it. */
export async function startAdminContainer(
  image: AdminImage,
  storage: string,
  userData: string | undefined,
): Promise<AdminContainer> {
  if (userData !== undefined) await writeFile(join(storage, "user-data"), userData);
  const overlay = await mkdtemp(join(image.folder, "container-"));
  for (const name of ["upper", "work", "merged"]) await mkdir(join(overlay, name));
  const options = `lowerdir=${image.root},upperdir=${join(overlay, "upper")},workdir=${join(overlay, "work")}`;
  const merged = join(overlay, "merged");
  // A mount namespace of its own, so that the overlay goes with the container.
  const script = `mount -t overlay overlay -o "$0" "$1" && shift && exec "$@"`;
  const sandbox = [
    ...["bwrap", "--bind", merged, "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"],
    ...["--bind", storage, "/.ballast/host-containers/current"],
    ...["--unshare-net", "--unshare-pid", "--unshare-uts", "--die-with-parent"],
    ...["--cap-add", "ALL", "--as-pid-1", "--clearenv"],
    ...["--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "--", ...image.entrypoint],
  ];
  const [file = "", ...args] = [
    ...AS_ROOT,
    ...["unshare", "--mount", "sh", "-c", script, options, merged, ...sandbox],
  ];
  const child = execa(file, args, {
    all: true,
    reject: false,
    stdin: "ignore",
    forceKillAfterDelay: 5000,
  });
  let text = "";
  child.all.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return {
    output: () => text,
    printed: async (expression) =>
      waitFor(
        () => expression.test(text),
        () => text,
      ),
    run: async (command, input) => runBeside(child.pid ?? 0, command, input),
    stop: async () => {
      child.kill("SIGTERM");
      await child;
    },
  };
}

async function runBeside(
  outermost: number,
  command: readonly string[],
  input: string | undefined,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const pid = await firstProcess(outermost);
  const enter = ["nsenter", "--target", String(pid), "--all", "--root", "--wd", "--", ...command];
  const [file = "", ...args] = enter;
  const result = await execa(file, args, {
    reject: false,
    ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    extendEnv: false,
    timeout: WAIT_MS,
  });
  const { exitCode = -1, stdout, stderr } = result;
  return { exitCode, stdout, stderr };
}

/** The first process of the container, from the chain of only children that leads to it. */
async function firstProcess(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  if (/^NSpid:.*\t1$/m.test(status)) return pid;
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return firstProcess(Number(text.trim().split(" ")[0]));
}

async function waitFor(isTrue: () => boolean, explain: () => string): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`It did not happen in time:\n${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
