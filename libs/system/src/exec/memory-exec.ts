import { Readable } from "node:stream";
import { SystemError } from "../system-error.ts";
import type { Exec, ExecRequest, ExecResult } from "./exec.ts";

/** What a program of the memory adapter does. */
export type MemoryProgram = (request: ExecRequest) => ExecResult;

/** Programs as functions by path, for tests. */
export function createMemoryExec(programs: Readonly<Record<string, MemoryProgram>>): Exec {
  const run = (request: ExecRequest): ExecResult => {
    const program = programs[request.file];
    if (program === undefined)
      throw new SystemError("system.spawn", `Cannot run "${request.file}"`, {
        cause: new Error("no such program"),
      });
    return program(request);
  };
  return {
    run: async (request) => run(request),
    stream: (request, signal) => {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
      try {
        const { exitCode, stdout, stderr } = run(request);
        const stream = Readable.from([Buffer.from(stdout)]);
        const read = new Promise<void>((resolve) => {
          stream.on("close", resolve);
        });
        const ended = Promise.race([stopped, read]).then(() => ({
          exitCode: signal.aborted ? undefined : exitCode,
          stderr,
        }));
        return { stdout: stream, ended };
      } catch (error) {
        return {
          stdout: Readable.from([]),
          ended: Promise.resolve({ exitCode: undefined, stderr: String(error) }),
        };
      }
    },
  };
}
