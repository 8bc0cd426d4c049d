// The program is tested as a process, as people run it.
// oxlint-disable-next-line no-restricted-imports
import { execFile } from "node:child_process";
import * as path from "node:path";

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs `apiclient` with these arguments; does not block, so that a server of the test can answer it. */
export function apiclient(args: readonly string[], start: Start = {}): Promise<Ended> {
  return startApiclient(args, start).ended;
}

/** The same, of which one can be stopped as by Ctrl-C. */
export function startApiclient(args: readonly string[], { env = {}, input }: Start = {}): Started {
  const main = path.join(import.meta.dirname, "main.ts");
  return begin(
    process.execPath,
    [main, ...args],
    { PATH: process.env["PATH"] ?? "", ...env },
    input,
  );
}

interface Started {
  readonly ended: Promise<Ended>;
  readonly stop: () => void;
}

export function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
  input = "",
): Promise<Ended> {
  return begin(file, args, env, input).ended;
}

function begin(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  input = "",
): Started {
  const stopped = new AbortController();
  const ended = new Promise<Ended>((resolve) => {
    const child = execFile(file, [...args], { env }, (error, stdout, stderr) => {
      const status = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      resolve({ status, stdout, stderr });
    });
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
    child.stdin?.end(input);
    stopped.signal.addEventListener("abort", () => child.kill("SIGINT"));
  });
  return {
    ended,
    stop: () => {
      stopped.abort();
    },
  };
}
