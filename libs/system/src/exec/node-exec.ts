import { join } from "node:path";
import { execa, type Options } from "execa";
import { SystemError } from "../system-error.ts";
import { EXEC_TIMEOUT_MS, type Exec, type ExecRequest } from "./exec.ts";

const OPTIONS = {
  reject: false,
  extendEnv: false,
  env: { PATH: "/usr/bin:/usr/sbin", LANG: "C.UTF-8", SYSTEMD_PAGER: "", SYSTEMD_COLORS: "0" },
  // systemctl and journalctl look for a terminal on their input and may wait for it.
  stdin: "ignore",
  forceKillAfterDelay: 2000,
} as const satisfies Options;

const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

/** Real programs; with another `root` than `/` every program is looked for below it. */
export function createNodeExec(root = "/"): Exec {
  const at = (file: string): string => join(root, file);
  return {
    run: async (request) => {
      const timeoutMs = request.timeoutMs ?? EXEC_TIMEOUT_MS;
      const result = await execa(at(request.file), request.args, {
        ...OPTIONS,
        ...(request.input === undefined ? {} : { stdin: "pipe", input: request.input }),
        timeout: timeoutMs,
        maxBuffer: ANSWER_MAX_BYTES,
        stripFinalNewline: false,
      });
      const { exitCode, stdout, stderr } = result;
      if (result.timedOut)
        throw new SystemError("system.timeout", `${describe(request)} took over ${timeoutMs} ms`);
      if (exitCode === undefined)
        throw new SystemError("system.spawn", `Cannot run ${describe(request)}`, {
          cause: result instanceof Error ? (result.cause ?? result) : undefined,
        });
      return { exitCode, stdout, stderr };
    },
    stream: (request, signal) => {
      const child = execa(at(request.file), request.args, {
        ...OPTIONS,
        buffer: { stdout: false, stderr: true },
        maxBuffer: 64 * 1024,
        cancelSignal: signal,
      });
      const ended = child.then((result) => ({
        exitCode: result.exitCode,
        stderr: result.stderr ?? "",
      }));
      return { stdout: child.stdout, ended };
    },
  };
}

function describe(request: ExecRequest): string {
  return `"${[request.file, ...request.args].join(" ")}"`;
}
