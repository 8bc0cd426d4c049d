import { mkdir } from "node:fs/promises";
import { runTool, type RunToolOptions } from "../core/run-tool.ts";
import { sdkTree } from "./build-sdk.ts";

/** The caller's umask would show in what a build makes, as the modes of folders in a file system. */
const WITH_UMASK = ["sh", "-c", 'umask 022; exec "$@"', "sh"];

export interface SandboxOptions {
  /** Host directories seen read-only, by their place inside: `/src` and so on. */
  readonly readOnly?: Readonly<Record<string, string>>;
  readonly writable?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onLine?: (line: string) => void;
  readonly sourceDateEpoch: number;
}

/**
 * Runs a command inside the sdk: its own root, no network, nothing of the host but the named directories,
 * a fixed environment. What a build step makes can then depend only on what the step declares.
 */
export async function inSdk(
  key: string,
  command: readonly string[],
  options: SandboxOptions,
): Promise<string> {
  for (const directory of Object.values(options.writable ?? {}))
    await mkdir(directory, { recursive: true });
  const binds = (flag: string, directories: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(directories).flatMap(([inside, outside]) => [flag, outside, inside]);
  const environment = {
    PATH: "/usr/bin:/usr/sbin",
    HOME: "/tmp",
    LANG: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(options.sourceDateEpoch),
    ...options.env,
  };
  const args = [
    ...[
      "--ro-bind",
      sdkTree(key),
      "/",
      "--dev",
      "/dev",
      "--proc",
      "/proc",
      "--tmpfs",
      "/tmp",
      "--tmpfs",
      "/var/tmp",
    ],
    ...binds("--ro-bind", options.readOnly),
    ...binds("--bind", options.writable),
    ...[
      "--unshare-all",
      "--uid",
      "0",
      "--gid",
      "0",
      "--die-with-parent",
      "--new-session",
      "--clearenv",
    ],
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", options.cwd ?? "/tmp", "--", ...WITH_UMASK, ...command],
  ];
  const toolOptions: RunToolOptions =
    options.onLine === undefined ? {} : { onLine: options.onLine };
  return runTool("bwrap", args, toolOptions);
}
