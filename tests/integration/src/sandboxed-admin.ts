import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AS_ROOT, type AdminImage, type ProgramEnded } from "@ballast/testkit/containers";
import { execa } from "execa";

const WAIT_MS = 60_000;

export interface AdminContainer {
  /** All that it has printed. */
  output(): string;
  /** Resolves when it has printed something that matches. */
  printed(expression: RegExp): Promise<void>;
  /** Runs a command beside it: the same root, network, processes. */
  run(command: readonly string[], input?: string): Promise<ProgramEnded>;
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
): Promise<ProgramEnded> {
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
