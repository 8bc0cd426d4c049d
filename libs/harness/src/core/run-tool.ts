import { execa } from "execa";
import { BuildError } from "./build-error.ts";

export interface RunToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with each line of standard output and error, for progress. */
  readonly onLine?: (line: string) => void;
  /** What to do when it fails, if the caller knows better than the tool. */
  readonly hint?: string;
}

const SHOWN_LINES = 25;

/** Runs a tool of the build and returns its standard output; a failure shows the end of what it printed, once. */
export async function runTool(
  file: string,
  args: readonly string[],
  options: RunToolOptions = {},
): Promise<string> {
  const child = execa(file, args, {
    reject: false,
    all: true,
    maxBuffer: 1 << 28,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  });
  if (options.onLine !== undefined)
    for await (const line of child.iterable({ from: "all" })) options.onLine(line);
  const result = await child;
  if (result.failed) {
    if (result.code === "ENOENT")
      throw new BuildError("build.tool-missing", `Cannot run "${file}": it is not installed`, {
        hint: "Run npm run setup: it installs what the build needs.",
      });
    const tail = result.all.split("\n").slice(-SHOWN_LINES).join("\n");
    throw new BuildError(
      "build.tool-failed",
      `Cannot run "${file}": exit code ${result.exitCode ?? "none"}\n${tail}`,
      options.hint === undefined ? {} : { hint: options.hint },
    );
  }
  return result.stdout;
}
