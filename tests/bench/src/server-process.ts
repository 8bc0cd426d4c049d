import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { BenchError } from "./bench-error.ts";

const LISTEN_LIMIT_MS = 60_000;
const POLL_MS = 2;

/** A server on a unix socket, running until it is disposed of. */
export interface ServerProcess extends AsyncDisposable {
  readonly processId: number;
  readonly socket: string;
  /** From the call to the first connection that was taken, to {@link POLL_MS}. */
  readonly startMs: number;
}

export interface ApiServerProcess extends ServerProcess {
  /** The directory that it takes for the machine's root. */
  readonly root: string;
}

/** Starts a server and waits until its socket takes connections. Its log goes nowhere: writing it is not measured. */
export async function startServer(
  executable: string,
  args: readonly string[],
  socket: string,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const startedMs = performance.now();
  const child = execa(executable, args, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    reject: false,
    cancelSignal: signal,
  });
  let hasEnded = false;
  void child.then(() => {
    hasEnded = true;
  });
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child;
  };
  const deadlineMs = performance.now() + LISTEN_LIMIT_MS;
  while (!(await takesConnections(socket))) {
    signal.throwIfAborted();
    if (!hasEnded && performance.now() < deadlineMs) {
      await sleep(POLL_MS);
      continue;
    }
    await end();
    throw new BenchError("bench.server", `Cannot measure "${executable}": it does not listen`);
  }
  const startMs = performance.now() - startedMs;
  return { processId: child.pid ?? 0, socket, startMs, [Symbol.asyncDispose]: end };
}

/** The product's API server on a root of its own, as far as one is needed to serve. */
export async function startApiServer(
  apiserver: string,
  directory: string,
  signal: AbortSignal,
): Promise<ApiServerProcess> {
  const root = join(directory, "root");
  const socket = join(directory, "api.sock");
  const osRelease = join(root, "usr/lib/os-release");
  await mkdir(dirname(osRelease), { recursive: true });
  await mkdir(join(root, "run/ballast"), { recursive: true });
  await writeFile(
    osRelease,
    'PRETTY_NAME="Ballast 0.0.0"\nVERSION_ID=0.0.0\nVARIANT_ID=bench\nBUILD_ID=bench\n',
  );
  const args = ["serve", "--root", root, "--socket", socket];
  return { ...(await startServer(apiserver, args, socket, signal)), root };
}

function takesConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
