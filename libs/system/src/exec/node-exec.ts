// This is what the rule points to. execa, which the tools use, takes 14 ms and 6 MiB of each start of the API server.
// oxlint-disable-next-line no-restricted-imports -- the adapter of the port
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { SystemError } from "../system-error.ts";
import { EXEC_TIMEOUT_MS, type Exec, type ExecRequest } from "./exec.ts";

const ENVIRONMENT = {
  PATH: "/usr/bin:/usr/sbin",
  LANG: "C.UTF-8",
  SYSTEMD_PAGER: "",
  SYSTEMD_COLORS: "0",
};
const KILL_AFTER_MS = 2000;
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const STREAM_ERRORS_MAX_BYTES = 64 * 1024;

/** Real programs; with another `root` than `/` every program is looked for below it. */
export function createNodeExec(root = "/"): Exec {
  return {
    run: async (request) => {
      const timeoutMs = request.timeoutMs ?? EXEC_TIMEOUT_MS;
      const { child, ended, stdout, stderr } = start(root, request);
      const texts = [stdout, stderr].map((stream) => collect(stream, ANSWER_MAX_BYTES));
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        end(child);
      }, timeoutMs);
      const { exitCode, cause } = await ended;
      clearTimeout(late);
      if (isLate)
        throw new SystemError("system.timeout", `${describe(request)} took over ${timeoutMs} ms`);
      if (exitCode === undefined)
        throw new SystemError("system.spawn", `Cannot run ${describe(request)}`, { cause });
      const [out, errors] = texts.map((text) => text());
      if (out === undefined || errors === undefined)
        throw new SystemError(
          "system.too-large",
          `Cannot take the answer of ${describe(request)}: it has more than ${ANSWER_MAX_BYTES} bytes`,
        );
      return { exitCode, stdout: out, stderr: errors };
    },
    stream: (request, signal) => {
      const { child, ended, stdout, stderr } = start(root, request);
      const errors = collect(stderr, STREAM_ERRORS_MAX_BYTES);
      // What it has printed can still be read, so that a reader sees an end and not a cut; Node drops what nobody reads.
      const stop = (): void => {
        end(child);
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      return {
        stdout,
        ended: ended.then(({ exitCode }) => {
          signal.removeEventListener("abort", stop);
          return { exitCode, stderr: errors() ?? "" };
        }),
      };
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Without an exit code if it could not be started, or a signal ended it. */
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly cause: unknown }>;
}

function start(root: string, { file, args, input }: ExecRequest): Started {
  // systemctl and journalctl look for a terminal on their input and may wait for it: it is a pipe that has ended.
  const child = spawn(join(root, file), args, { env: ENVIRONMENT, stdio: "pipe" });
  // A program may end before it has read all of its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  let cause: unknown;
  child.on("error", (error) => {
    cause = error;
  });
  const ended = new Promise<Awaited<Started["ended"]>>((resolve) => {
    child.on("close", (code, signal) => {
      const isExit = cause === undefined && code !== null;
      cause ??= signal === null ? undefined : `ended by ${signal}`;
      resolve({ exitCode: isExit ? code : undefined, cause });
    });
  });
  return { child, stdout: child.stdout, stderr: child.stderr, ended };
}

/** Asks it to end, and does not ask twice. */
function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  child.once("exit", () => {
    clearTimeout(force);
  });
}

/** Reads a stream to its end and keeps its first bytes; the function answers undefined if there were more. */
function collect(stream: Readable, maxBytes: number): () => string | undefined {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) chunks.push(chunk);
  });
  return () => (sizeBytes > maxBytes ? undefined : Buffer.concat(chunks).toString("utf8"));
}

function describe(request: ExecRequest): string {
  return `"${[request.file, ...request.args].join(" ")}"`;
}
