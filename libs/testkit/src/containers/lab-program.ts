import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** A program that runs until it is told to end. */
export interface LabProgram {
  /** All that it has written. */
  readonly output: () => string;
  readonly hasEnded: () => boolean;
  /** Once it has ended by itself. */
  readonly exitCode: () => number | undefined;
  /** As the machine counts. */
  readonly pid: () => Promise<number>;
  /** Sends the signal and waits until the program has ended. */
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
  /** Waits for the text in the output. */
  readonly waitFor: (text: string, limitMs: number) => Promise<void>;
}

const POLL_MS = 20;

/** Starts a command whose only child is the program that is meant. */
export function startProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): LabProgram {
  let output = "";
  const child = execa(file, args, {
    ...{ all: true, buffer: false, reject: false, stdin: "ignore", extendEnv: false, env },
  } as const);
  child.all.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let hasEnded = false;
  let exitCode: number | undefined;
  const ended = child.then((result) => {
    hasEnded = true;
    ({ exitCode } = result);
  });
  const pid = async (): Promise<number> => {
    const [only] = await childrenOf(child.pid ?? 0);
    if (only === undefined) throw new Error(`"${args.at(-1)}" has ended:\n${output.slice(-4000)}`);
    return only;
  };
  return {
    output: () => output,
    hasEnded: () => hasEnded,
    exitCode: () => exitCode,
    pid,
    end: async (signal) => {
      if (!hasEnded) process.kill(await pid(), signal);
      await ended;
    },
    waitFor: async (text, limitMs) => {
      const deadlineMs = Date.now() + limitMs;
      while (!output.includes(text)) {
        if (hasEnded || Date.now() > deadlineMs)
          throw new Error(`"${args.at(-1)}" did not say "${text}":\n${output.slice(-4000)}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}
