import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isStatus } from "@ballast/containerd";
import type { ExecRequest, OutputName, TerminalSize } from "@ballast/model/exec";
import type { FoundContainer } from "./exec-target.ts";
import type { Containerd } from "./find-container.ts";
import { Fifos, type FifoName } from "./fifos.ts";
import { TARGET_FILE } from "./leftovers.ts";
import { execProcess } from "./process-spec.ts";

const PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process";
const START_LIMIT_MS = 30_000;
/** A containerd that is started anew finds the command again. */
const ASK_AGAIN_MS = 500;
/** Between TERM and KILL. */
const GRACE_MS = 5000;
const [TERM, KILL] = [15, 9];

/** A command that runs in a container. */
export interface ExecProcess {
  readonly input: Socket;
  readonly outputs: ReadonlyMap<OutputName, Socket>;
  /** Its exit code, 128 and the signal if one ended it. Rejects if that cannot be known. */
  readonly exited: Promise<number>;
  resize(size: TerminalSize): Promise<void>;
  /** To be called when all that was meant for it is in the pipe. */
  closeInput(): Promise<void>;
  /** Ends it if it still runs, by TERM and then by KILL, and removes what it leaves. */
  dispose(): Promise<void>;
}

/** Starts a command. Rejects with a ContainerdError; nothing is left then. */
export async function startProcess(
  { containers, tasks }: Containerd,
  { kind, name, id: containerId }: FoundContainer,
  request: ExecRequest,
  parentFolder: string,
): Promise<ExecProcess> {
  const act = `run the command in "${kind}/${name}"`;
  const options = { act, timeoutMs: START_LIMIT_MS };
  const { container } = await containers.get({ id: containerId }, options);
  const value = execProcess(container?.spec?.value ?? new Uint8Array(), request);
  const terminal = request.tty !== null;
  const execId = `exec-${randomBytes(16).toString("hex")}`;
  const process = { containerId, execId };
  const names: FifoName[] = terminal ? ["stdin", "stdout"] : ["stdin", "stdout", "stderr"];
  const fifos = await Fifos.make(join(parentFolder, execId), names);
  const remove = async (): Promise<void> => {
    await tasks.deleteProcess(process, { act, timeoutMs: START_LIMIT_MS }).catch(ignoreGone);
    await fifos.remove();
  };
  const stop = new AbortController();
  try {
    await writeFile(join(fifos.folder, TARGET_FILE), JSON.stringify({ kind, containerId }));
    const [stdin, stdout] = [fifos.path("stdin"), fifos.path("stdout")];
    const stderr = terminal ? "" : fifos.path("stderr");
    const spec = { typeUrl: PROCESS_TYPE, value };
    await tasks.exec({ ...process, stdin, stdout, stderr, terminal, spec }, options);
    await tasks.start(process, options);
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
  const exited = waitForExit(tasks, process, act, stop.signal);
  // Whoever asks for it hears of its failure.
  exited.catch(() => undefined);
  const input = fifos.take("stdin");
  const outputs = new Map<OutputName, Socket>([["stdout", fifos.take("stdout")]]);
  if (!terminal) outputs.set("stderr", fifos.take("stderr"));
  const kill = async (signal: number): Promise<boolean> => {
    await tasks.kill({ ...process, signal }, { act }).catch(ignoreGone);
    return Promise.race([exited.then(() => true), sleep(GRACE_MS, false)]);
  };
  return {
    input,
    outputs,
    exited,
    resize: async ({ rows: height, cols: width }) => {
      await tasks.resizePty({ ...process, height, width }, { act }).catch(ignoreGone);
    },
    closeInput: async () => {
      input.destroy();
      await tasks.closeIO({ ...process, stdin: true }, { act }).catch(ignoreGone);
    },
    dispose: async () => {
      try {
        const hasExited = await Promise.race([exited.then(() => true), sleep(0, false)]);
        if (!hasExited && !(await kill(TERM))) await kill(KILL);
      } finally {
        stop.abort();
        for (const socket of [input, ...outputs.values()]) socket.destroy();
        await remove();
      }
    },
  };
}

async function waitForExit(
  tasks: Containerd["tasks"],
  process: { readonly containerId: string; readonly execId: string },
  act: string,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    try {
      // As long as the command runs: longer than any limit that makes sense.
      const timeoutMs = 2 ** 31 - 1;
      const { exitStatus } = await tasks.wait(process, { act, signal, timeoutMs });
      return exitStatus;
    } catch (error) {
      if (!isStatus(error, "unavailable", "deadline-exceeded")) throw error;
    }
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
}

/** It ended meanwhile, or its container did: what was asked for is so already. */
function ignoreGone(error: unknown): void {
  if (!isStatus(error, "not-found", "failed-precondition")) throw error;
}
